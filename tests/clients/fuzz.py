"""Schemathesis sends what the document allows and what it does not; the server answers as the document says."""

import os
import re
import subprocess
import sys

from kit.binary import gatewright
from kit.case import CACHE, CLIENTS, Case, expect, same
from kit.curl import curl

LIMIT_SECONDS = 600
# How much of a report is printed; the rest is in the file.
REPORT_CHARACTERS = 4000
# What would end the session of the one who tests.
ENDS_THE_SESSION = ("session_end", "session_rotate", "me_end_session", "me_end_sessions", "logoutUsingPOST")


class Fuzz(Case):
    # A thousand wrong logins from one address are the point here, and hashing is not.
    config = """
# A second factor that is set up by chance must not keep its owner out.
[login.policy]
second_factor = "never"

[login.block_config]
ip_attempts_limit = 1000000
user_attempts_limit = 1000

[plugins.password]
memory_kib = 1024
iterations = 1

# Where nobody listens: messages wait, and what sends them is taken.
[plugins.smtp]
host = "127.0.0.1"
port = 9
encryption = "none"
from = "fuzz@example.com"

[plugins.sms-webhook]
url = "https://127.0.0.1:9/"
secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
"""

    def fuzz(self, name, *arguments):
        command = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", CLIENTS / "schemathesis.toml",
            "run", self.server.url + "/openapi.json", "--request-timeout", "20", "--continue-on-failure",
            "--warnings", "off", "--no-color", *arguments,
        ]
        report = CACHE / "logs" / f"fuzz-{name}.txt"
        report.parent.mkdir(parents=True, exist_ok=True)
        with open(report, "w") as out:
            done = subprocess.run(
                command, cwd=self.folder, stdout=out, stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS, check=False,
                env=os.environ | {"COLUMNS": "120"},
            )
        text = report.read_text()
        cases = re.search(r"(\d+) generated", text)
        print(f"      {name}: {cases[1] if cases else 'no'} requests", flush=True)
        found = re.search(r"^=+ (?:FAILURES|ERRORS) =+\n.*", text, re.MULTILINE | re.DOTALL)
        shown = (found[0] if found else text)[:REPORT_CHARACTERS]
        expect(done.returncode == 0, f"the whole report is in {report}\n{shown}")

    def login(self):
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": "ann"}).expect(200)
        answer = {"transaction": begun["transaction"], "answer": self.example}
        return curl(self.server, "POST", "/auth/v1/login/password", answer).expect(200)["access_token"]

    def as_somebody(self, name, *arguments):
        """Fuzzes with a token. A random one, which Schemathesis would send now and then, makes somebody nobody."""
        self.token = self.login()
        self.fuzz(name, "--header", f"Authorization: Bearer {self.token}",
                  "--generation-with-security-parameters", "false", *arguments)

    def test_the_examples_of_the_document_come_to_life(self):
        # Whoever the examples speak of exists, with the password that they give: so they get past the first step.
        schemas = curl(self.server, "GET", "/openapi.json").expect(200)["components"]["schemas"]
        self.example = schemas["PasswordAnswer"]["example"]
        same(schemas["LoginBegin"]["example"]["username"], "ann", "the username in the example")
        self.server.stop()
        done = gatewright("person", "add", "ann", "--stdin", stdin=self.example["password"],
                          env={"GATEWRIGHT_DATA": str(self.server.data)})
        expect(done.returncode == 0, done.stderr)
        self.start()
        self.login()

    def test_by_nobody(self):
        self.fuzz("nobody")

    def test_by_somebody_who_is_logged_in(self):
        excluded = [word for name in ENDS_THE_SESSION for word in ("--exclude-operation-id", name)]
        self.as_somebody("somebody", *excluded)
        # Else it was nobody again.
        curl(self.server, "GET", "/auth/v1/me", bearer=self.token).expect(200)

    def test_by_somebody_who_logs_out(self):
        for name in ENDS_THE_SESSION:
            self.as_somebody(f"somebody-{name}", "--include-operation-id", name)

    def test_the_server_still_works(self):
        curl(self.server, "GET", "/auth/v1/me", bearer=self.login()).expect(200)
