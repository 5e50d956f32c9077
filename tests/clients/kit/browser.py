"""A browser that runs no script: one profile, which keeps cookies. Redirects are followed by hand, so that each is seen."""

import html.parser
import http.cookiejar
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request

from .case import expect

REDIRECTS = (302, 303)


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Form:
    def __init__(self, action, method):
        self.action, self.method = action, method
        self.fields, self.kinds = {}, {}

    def does(self, word):
        """Whether it leads to this action of the hosted pages."""
        return self.action.endswith(f"/do/{word}")


class Forms(html.parser.HTMLParser):
    """The forms of a page, with what stands in their fields. A box that nobody ticks is none of them."""

    def __init__(self, text):
        super().__init__()
        self.all, self.open = [], None
        self.feed(text)

    def handle_starttag(self, tag, pairs):
        attributes = dict(pairs)
        if tag == "form":
            self.open = Form(attributes.get("action", ""), attributes.get("method", "get"))
            self.all.append(self.open)
        elif tag == "input" and self.open is not None and attributes.get("name"):
            kind = attributes.get("type", "text")
            if kind != "checkbox":
                self.open.fields[attributes["name"]] = attributes.get("value") or ""
                self.open.kinds[attributes["name"]] = kind

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None


class Page:
    def __init__(self, url, status, headers, text):
        self.url, self.status, self.headers, self.text = url, status, headers, text

    def expect(self, status):
        """What it says, when the status is this one: read where it is JSON, else as text."""
        expect(self.status == status, f"{self.url}: expected {status}, got {self.status}: {self.text}")
        return json.loads(self.text) if self.text.startswith("{") else self.text

    @property
    def leads_to(self):
        """Where it sends the browser; None: it stays."""
        if self.status not in REDIRECTS:
            return None
        return urllib.parse.urljoin(self.url, self.headers["Location"])

    @property
    def forms(self):
        return Forms(self.text).all


class Browser:
    def __init__(self, ca=None):
        """`ca`: whom it believes beside everybody else."""
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        tls = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca))
        self.opener = urllib.request.build_opener(cookies, tls, Stay())

    def open(self, url, data=None, headers=None):
        request = urllib.request.Request(url, data=data, headers=headers or {})
        try:
            with self.opener.open(request, timeout=30) as reply:
                return Page(url, reply.status, reply.headers, reply.read().decode())
        except urllib.error.HTTPError as error:
            return Page(url, error.code, error.headers, error.read().decode())

    def send(self, page, form, **values):
        """Fills in a form and sends it, as from its page."""
        parts = urllib.parse.urlsplit(page.url)
        origin = {"Origin": f"{parts.scheme}://{parts.netloc}"}
        data = urllib.parse.urlencode(form.fields | values).encode()
        return self.open(urllib.parse.urljoin(page.url, form.action), data, origin)
