"""Somebody in front of the hosted pages: logs in, agrees, and ends where an application takes over."""

import urllib.parse

from .browser import Browser
from .case import expect, same
from .otp import totp

# Pages that one visit leads through at most.
MOST_PAGES = 15


class Person:
    def __init__(self, server, username, password, agrees=True):
        self.server, self.username, self.password, self.agrees = server, username, password, agrees
        self.browser = Browser(server.ca)
        # What was asked on the way: actions of the pages, since the last visit began.
        self.did = []
        # Of an authenticator app; and the moment of which it shows a code next.
        self.seed, self.moment = None, "now"
        server.secrets.add(password)

    def visit(self, url):
        """Goes where an application sends people, and through the pages. Says where that ends: `at` a redirect to somebody
        else, with a `form` for somebody else, or at a page of ours that asks for nothing (`status`, `text`)."""
        self.did = []
        page = self.browser.open(url)
        for _ in range(MOST_PAGES):
            self._note(page)
            if page.leads_to:
                if not page.leads_to.startswith(self.server.site + "/"):
                    return {"at": page.leads_to}
                page = self.browser.open(page.leads_to)
                continue
            foreign = next((form for form in page.forms if form.action.startswith("http")), None)
            if foreign:
                return {"at": foreign.action, "form": foreign.fields}
            form = self._due(page)
            if form is None:
                return {"status": page.status, "text": page.text, "url": page.url}
            self.did.append(form.action.rsplit("/", 1)[-1])
            page = self.browser.send(page, form, **self._filled(form))
        raise AssertionError(f"sent in circles: {page.url} {self.did}")

    def _due(self, page):
        """The form that is filled in; none: there is nothing to do here."""
        wanted = ["answer", "begin"]
        # The code of a device stands in the field where the address has brought it along.
        if "user_code=" in page.url:
            wanted.append("device")
        wanted += ["agree", "allow-device"] if self.agrees else ["deny", "deny-device"]
        forms = [form for form in page.forms if any(form.does(word) for word in wanted)]
        # On other pages it is a button that nobody has asked for.
        if self.agrees and urllib.parse.urlsplit(page.url).path.endswith("/logout"):
            forms += [form for form in page.forms if form.action.endswith("/logout")]
        # Who is logged in already is offered to go on as that one.
        same_one = next((form for form in forms if "elevate" in form.fields), None)
        named = next((form for form in forms if not form.does("begin") or "username" in form.fields), None)
        return same_one or named

    def _filled(self, form):
        values = {}
        for name, kind in form.kinds.items():
            if name == "username" and not form.fields[name]:
                values[name] = self.username
            elif kind == "password":
                values[name] = self.password
            elif name == "a.code":
                expect(self.seed, "a code is asked for, and there is no app")
                values[name] = totp(self.seed, self.moment)
        return values

    def _note(self, page):
        """A code and a request are secrets of whoever holds them."""
        for url in filter(None, (page.url, page.leads_to)):
            asked = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
            for name in ("code", "auth_req_id"):
                self.server.secrets.update(asked.get(name, []))
        for form in page.forms:
            self.server.secrets.update(form.fields[name] for name in ("code", "id_token") if form.fields.get(name))

    def asked(self, *actions):
        same(self.did, list(actions), "what was asked on the way")
