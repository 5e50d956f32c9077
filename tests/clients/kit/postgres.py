"""A PostgreSQL of its own, by the same shell that the tests in Rust use."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from .binary import ROOT
from .case import expect

PASSWORD = "not-a-secret"


def programs():
    """The newest of Debian's folders; nothing where PATH has it."""
    if shutil.which("initdb"):
        return str(Path(shutil.which("initdb")).resolve().parent)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return str(found[-1].parent) if found else ""


def shell():
    """As a user that PostgreSQL agrees to run as."""
    if os.geteuid() != 0:
        return ["sh"]
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--", "sh"]


class Postgres:
    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        script = (ROOT / "tests" / "postgres" / "src" / "keeper.sh").read_text()
        self.keeper = subprocess.Popen(
            [*shell(), "-c", script, "keeper", programs(), str(port), PASSWORD, "on"],
            cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )
        self.folder = self._answer()
        self.url = f"postgres://gatewright@{self.folder.replace('/', '%2F')}:{port}/postgres"

    def _answer(self):
        line = self.keeper.stdout.readline()
        expect(line.startswith("ok "), f"PostgreSQL (Debian: postgresql): {line}")
        return line[3:].strip()

    def order(self, word):
        """`stop`, `crash` or `start`; returns when it is done."""
        self.keeper.stdin.write(f"{word}\n")
        self.keeper.stdin.flush()
        self._answer()

    def end(self):
        self.keeper.stdin.close()
        self.keeper.wait()
