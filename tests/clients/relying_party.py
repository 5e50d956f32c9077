"""examples/relying-party, as its README says: registered with the command line, logged in to in a browser that keeps
cookies and runs no script."""

import html.parser
import http.cookiejar
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from kit.binary import ROOT, gatewright
from kit.case import CLIENTS, Case, expect, same

EXAMPLE = ROOT / "examples" / "relying-party"
SOON = 20


class Forms(html.parser.HTMLParser):
    """The forms of a page: where each goes, its fields, and the first of its buttons."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.open = None
        self.feed(text)

    def handle_starttag(self, tag, pairs):
        attributes = dict(pairs)
        if tag == "form":
            self.open = {"action": attributes.get("action", ""), "fields": {}, "kinds": {}, "button": None}
            self.forms.append(self.open)
        elif self.open is not None and tag in ("input", "button") and attributes.get("type") != "checkbox":
            name, value = attributes.get("name"), attributes.get("value") or ""
            if tag == "button" or attributes.get("type") == "submit":
                self.open["button"] = self.open["button"] or (name, value)
            elif name:
                self.open["fields"][name] = value
                self.open["kinds"][attributes.get("type", "text")] = name

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are followed by hand, so that each is seen."""

    def redirect_request(self, *_):
        return None


class Browser:
    """One profile."""

    def __init__(self, secrets):
        self.secrets = secrets
        self.seen = []
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar, Stay())

    def open(self, url, form=None):
        """Goes there, and wherever it is sent; the last address and the page."""
        for _ in range(20):
            data = None if form is None else urllib.parse.urlencode(form).encode()
            request = urllib.request.Request(url, data=data)
            if data is not None:
                parts = urllib.parse.urlsplit(url)
                request.add_header("Origin", f"{parts.scheme}://{parts.netloc}")
            try:
                with self.opener.open(request, timeout=30) as reply:
                    return url, reply.status, reply.read().decode()
            except urllib.error.HTTPError as error:
                if error.code not in (302, 303):
                    return url, error.code, error.read().decode()
                url, form = urllib.parse.urljoin(url, error.headers["Location"]), None
                self.seen.append(url)
                asked = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
                self.secrets.update(asked.get("code", []))
        raise AssertionError(f"sent in circles: {url}")

    def send(self, page, wanted, **values):
        """Fills in the form that has a field of this kind, and presses its button."""
        url, status, text = page
        same(status, 200, f"{url}: {text[:500]}")
        form = next((form for form in Forms(text).forms if wanted(form)), None)
        expect(form, f"no such form at {url}: {text[:2000]}")
        fields = dict(form["fields"])
        for kind, value in values.items():
            fields[form["kinds"].get(kind, kind)] = value
        if form["button"] and form["button"][0]:
            fields[form["button"][0]] = form["button"][1]
        return self.open(urllib.parse.urljoin(url, form["action"]), fields)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class RelyingParty(Case):
    def start(self, **changes):
        self.port = free_port()
        return super().start(env={"GATEWRIGHT_LISTEN": f"127.0.0.1:{self.port}"}, **changes)

    def command(self, *arguments):
        variables = {"GATEWRIGHT_DATA": str(self.folder / "data"), "GATEWRIGHT_LISTEN": f"127.0.0.1:{self.port}"}
        done = gatewright("client", *arguments, env=variables, cwd=self.folder)
        expect(done.returncode == 0, f"{arguments}: {done.stderr}")
        return done.stdout

    def test_the_command_line_prints_a_configuration(self):
        self.base = f"http://localhost:{free_port()}"
        self.server.secrets.add(self.server.password)
        self.env = self.command("add", "Relying party", "--client-id", "example", "--for", "env", "--url", self.base)
        values = dict(line.split("=", 1) for line in self.env.splitlines())
        same(values["ISSUER"], f"http://localhost:{self.port}/api/oidc/default", "the issuer")
        same((values["CLIENT_ID"], values["BASE_URL"]), ("example", self.base), "the configuration")
        self.server.secrets.add(values["CLIENT_SECRET"])
        shown = self.command("show", "example")
        expect(values["CLIENT_SECRET"] not in shown and "hash" not in shown, shown)
        expect("example" in self.command("list"), "it is listed")

    def test_the_example_starts(self):
        place = self.folder / "relying-party"
        shutil.copytree(EXAMPLE, place, ignore=shutil.ignore_patterns("node_modules"))
        os.symlink(CLIENTS / "node_modules", place / "node_modules")
        (place / ".env").write_text(self.env)
        self.said = self.folder / "example.log"
        self.example = subprocess.Popen(
            ["node", "--env-file=.env", "server.mjs"], cwd=place, stdout=open(self.said, "wb"), stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + SOON
        while "Open http" not in self.said.read_text():
            expect(self.example.poll() is None, f"it ended: {self.said.read_text()}")
            expect(time.monotonic() < deadline, f"it does not start: {self.said.read_text()}")
            time.sleep(0.05)

    def test_somebody_logs_in_and_agrees(self):
        self.browser = browser = Browser(self.server.secrets)
        same("Nobody is logged in" in browser.open(self.base + "/")[2], True, "before")
        page = browser.open(self.base + "/login")
        page = browser.send(page, lambda form: "username" in form["fields"], username="admin")
        if not any("password" in form["kinds"] for form in Forms(page[2]).forms):
            # Another way is offered first; the password is one of the buttons.
            page = browser.send(page, lambda form: "password" in form["fields"].values())
        page = browser.send(page, lambda form: "password" in form["kinds"], password=self.server.password)
        if "/consent" in page[0]:
            page = browser.send(page, lambda form: form["button"] is not None)
        same(urllib.parse.urlsplit(page[0])[:3], urllib.parse.urlsplit(self.base + "/")[:3],
             f"back at the application: {page[2][:1000]} {self.said.read_text()}")
        expect("Hello, admin" in page[2] or "Log out" in page[2], page[2])
        codes = [url for url in browser.seen if "code=" in url]
        expect(codes and all("iss=" in url for url in codes), f"a code with the issuer (RFC 9207): {browser.seen}")

    def test_a_code_that_was_used_is_worth_nothing(self):
        code = next(url for url in self.browser.seen if "code=" in url)
        same(self.browser.open(code)[1], 400, "this application did not begin it")
        other = Browser(self.server.secrets)
        same(other.open(code)[1], 400, "another browser")

    def test_the_second_time_nobody_is_asked(self):
        again = self.browser.open(self.base + "/login")
        expect(again[0].rstrip("/") == self.base and "Log out" in again[2], f"{again[0]} {again[2][:500]}")

    def test_a_logout_ends_the_session_there_too(self):
        page = self.browser.send(self.browser.open(self.base + "/"), lambda form: form["action"] == "/logout")
        for _ in range(2):
            if page[0].startswith(self.base):
                break
            page = self.browser.send(page, lambda form: form["button"] is not None)
        expect("Nobody is logged in" in page[2], f"{page[0]} {page[2][:1000]}")
        page = self.browser.open(self.base + "/login")
        expect(re.search(r"/ui/default/login", page[0]), f"the session is over: {page[0]}")

    def test_a_client_that_is_removed_lets_nobody_in(self):
        self.command("remove", "example")
        page = Browser(self.server.secrets).open(self.base + "/login")
        expect(page[1] >= 400 and not page[0].startswith(self.base), f"an error page of the server: {page[0]} {page[1]}")

    def stop(self):
        if "example" in self.__dict__:
            self.example.terminate()
            self.example.wait(SOON)
        super().stop()
