"""Schemathesis sends what the document allows and what it does not; the server answers as the document says."""

import os
import re
import subprocess
import sys
from pathlib import Path

from kit.case import CACHE, CLIENTS, Case, Failed, expect
from kit.curl import curl

LIMIT_SECONDS = 600
# What would end the session of the one who tests.
ENDS_THE_SESSION = ("session_end", "session_rotate", "me_end_sessions", "logoutUsingPOST")


class Fuzz(Case):
    # A thousand wrong logins from one address are the point here, and hashing is not.
    config = """
[login.block_config]
ip_attempts_limit = 1000000
user_attempts_limit = 1000

[plugins.password]
memory_kib = 1024
iterations = 1
"""

    def fuzz(self, name, *arguments):
        command = [
            Path(sys.executable).with_name("schemathesis"), "--config-file", CLIENTS / "schemathesis.toml",
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
        print("".join(f"      {line}\n" for line in summary(text)), end="")
        expect(done.returncode == 0, f"the whole report is in {report}\n{failures(text)}")

    def login(self):
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": "admin"}).expect(200)
        answer = {"transaction": begun["transaction"], "answer": {"password": self.server.password}}
        return curl(self.server, "POST", "/auth/v1/login/password", answer).expect(200)["access_token"]

    def test_by_nobody(self):
        self.fuzz("nobody")

    def test_by_somebody_who_is_logged_in(self):
        token = self.login()
        self.server.secrets.add(token)
        excluded = [word for name in ENDS_THE_SESSION for word in ("--exclude-operation-id", name)]
        self.fuzz("somebody", "--header", f"Authorization: Bearer {token}", *excluded)
        # Else it was nobody again.
        curl(self.server, "GET", "/auth/v1/me", bearer=token).expect(200)

    def test_the_server_still_works(self):
        self.login()


def summary(text):
    """What was tested."""
    found = re.search(r"^=+ SUMMARY =+\n(.*)", text, re.MULTILINE | re.DOTALL)
    return found.group(1).strip().splitlines() if found else []


def failures(text):
    found = re.search(r"^=+ (?:FAILURES|ERRORS) =+\n(.*?)^=+ SUMMARY", text, re.MULTILINE | re.DOTALL)
    if not found:
        raise Failed(text[-3000:])
    return found.group(1)[:6000]
