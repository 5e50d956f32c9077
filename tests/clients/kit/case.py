"""The rules of a test.

A file in this folder holds one class, a `Case`: its methods `test_…` run in the order in which they are written, on
one server that is the class's own. A method goes on where the one before ended, and one that fails does not stop
those after it.
"""

import shutil
import tempfile
from pathlib import Path

from .server import NotStarted, Server, free_port

TESTS = Path(__file__).resolve().parents[2]
CLIENTS = TESTS / "clients"
CACHE = TESTS / ".cache"


class Failed(Exception):
    """What a test says when the server is not as it should be."""


def expect(true, message):
    if not true:
        raise Failed(message)


def same(found, expected, what):
    expect(found == expected, f"{what}: expected {expected!r}, found {found!r}")


class Case:
    """One story; `server` starts at its first use and stops at the end."""

    # Text of the server's configuration file; None: the server starts without one.
    config = None
    # Whether it must be known before the start where people find the server: a provider has an issuer.
    has_issuer = False

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="gatewright-test-"))
        self.servers = []
        self.not_started = None

    def __getattr__(self, name):
        # What a test keeps for those after it.
        raise Failed(f"no `{name}`: a test before this one did not get that far")

    @property
    def server(self):
        if self.not_started:
            raise Failed("the server does not start")
        if not self.servers:
            self.start()
        return self.servers[-1]

    def start(self, **changes):
        """Starts a server on the case's data folder; what it knows of secrets goes from one to the next."""
        secrets = self.servers[-1].secrets if self.servers else None
        try:
            if self.has_issuer:
                changes.setdefault("port", free_port())
            server = Server(self.folder / "data", self.folder, config=self.config, secrets=secrets, **changes)
        except NotStarted as reason:
            self.not_started = reason
            raise Failed(str(reason)) from None
        self.servers.append(server)
        return server

    def stop(self):
        for server in self.servers:
            server.stop()

    def leaks(self):
        """What stands in the logs of the servers and must not."""
        return [leak for server in self.servers for leak in server.leaks()]

    def keep_logs(self):
        """Copies the logs where they outlive the run, and returns the place."""
        place = CACHE / "logs" / type(self).__name__
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for server in self.servers:
            shutil.copy(server.log, place)
        return place

    def clean(self):
        shutil.rmtree(self.folder, ignore_errors=True)
