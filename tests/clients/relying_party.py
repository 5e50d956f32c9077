"""examples/relying-party, as its README says: registered with the command line, logged in to in a browser that keeps
cookies and runs no script."""

import os
import shutil
import subprocess
import time

from kit.binary import ROOT, gatewright
from kit.browser import Browser
from kit.case import CLIENTS, Case, expect, same
from kit.person import Person
from kit.server import free_port

EXAMPLE = ROOT / "examples" / "relying-party"
SOON = 20


class RelyingParty(Case):
    has_issuer = True

    def command(self, *arguments):
        done = gatewright("client", *arguments, env=self.server.variables, cwd=self.folder)
        expect(done.returncode == 0, f"{arguments}: {done.stderr}")
        return done.stdout

    def test_the_command_line_prints_a_configuration(self):
        self.base = f"http://localhost:{free_port()}"
        self.env = self.command("add", "Relying party", "--client-id", "example", "--for", "env", "--url", self.base)
        values = dict(line.split("=", 1) for line in self.env.splitlines())
        same(values["ISSUER"], f"{self.server.site}/api/oidc/default", "the issuer")
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

    def open(self, person, path, form=None):
        """The page at which somebody ends who goes there, through the application and the pages of the server."""
        page = person.browser.open(self.base + path)
        if form:
            page = person.browser.send(page, next(one for one in page.forms if one.action == form))
        while page.leads_to:
            if page.leads_to.startswith(self.base + "/"):
                page = person.browser.open(page.leads_to)
                continue
            ended = person.visit(page.leads_to)
            if "at" not in ended:
                return person.browser.open(ended["url"])
            self.back = ended["at"]
            page = person.browser.open(self.back)
        return page

    def test_somebody_logs_in_and_agrees(self):
        self.admin = Person(self.server, "admin", self.server.password)
        expect("Nobody is logged in" in self.open(self.admin, "/").text, "somebody is logged in before")
        page = self.open(self.admin, "/login")
        self.admin.asked("begin", "answer", "agree")
        expect(page.url == self.base + "/" and "Log out" in page.text, f"{page.url} {page.text} {self.said.read_text()}")
        expect("code=" in self.back and "iss=" in self.back, f"a code with the issuer (RFC 9207): {self.back}")

    def test_a_code_that_was_used_is_worth_nothing(self):
        same(self.admin.browser.open(self.back).status, 400, "this application did not begin it")
        same(Browser().open(self.back).status, 400, "another browser")

    def test_the_second_time_nobody_is_asked(self):
        page = self.open(self.admin, "/login")
        self.admin.asked()
        expect(page.url == self.base + "/" and "Log out" in page.text, f"{page.url} {page.text}")

    def test_a_logout_ends_the_session_there_too(self):
        page = self.open(self.admin, "/", form="/logout")
        expect("Nobody is logged in" in page.text, f"{page.url} {page.text}")
        self.open(self.admin, "/login")
        self.admin.asked("begin", "answer")

    def test_a_client_that_is_removed_lets_nobody_in(self):
        self.command("remove", "example")
        time.sleep(1)  # What another process writes is seen within half a second.
        page = self.open(Person(self.server, "admin", self.server.password), "/login")
        expect(page.status == 400 and page.url.startswith(self.server.site), f"an error page of the server: {page.url} {page.status}")

    def stop(self):
        if "example" in vars(self):
            self.example.terminate()
            self.example.wait(SOON)
        super().stop()
