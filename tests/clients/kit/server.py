"""A server: the real binary, on a free port of this machine, with data of its own."""

import itertools
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from .binary import binary, environment

# A debug build on a busy machine; a start takes well under a second otherwise.
START_SECONDS = 60
STOP_SECONDS = 10

_numbers = itertools.count(1)


class NotStarted(Exception):
    """The server did not come up; says what it said."""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    # The authority that has issued its certificate; None: it speaks no TLS.
    ca = None

    def __init__(self, data, folder, config=None, secrets=None, env=None, port=0, program=None):
        """`folder` is where the log and the configuration go; `data` may be another server's, after its end. `program`: another
        build than the ordinary one."""
        number = next(_numbers)
        self.data = data
        self.log = folder / f"server-{number}.log"
        self.secrets = secrets if secrets is not None else set()
        variables = {
            # Port 0: the system chooses, and the server says which.
            "GATEWRIGHT_LISTEN": f"127.0.0.1:{port}",
            "GATEWRIGHT_DATA": str(data),
            # More is logged than an operator sees, so that more could leak.
            "GATEWRIGHT_LOG__FILTER": "trace",
        }
        if config is not None:
            file = folder / f"server-{number}.toml"
            file.write_text(config)
            variables["GATEWRIGHT_CONFIG"] = str(file)
        variables |= env or {}
        # What a command needs that works on the same data.
        self.variables = variables
        out = folder / f"server-{number}.out"
        with open(out, "wb") as stdout, open(self.log, "wb") as stderr:
            self.process = subprocess.Popen(
                [program or binary(), "serve"], cwd=folder, env=environment(**variables),
                stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            )
        self.out = out
        try:
            self.url = self._wait_for(lambda: self._greeted(r"listens on (\S+)"))
            self._wait_for(self._ready)
        except BaseException:
            self.stop()
            raise
        # Where people find it: WebAuthn and cookies know names, not addresses.
        self.site = self.url.replace("127.0.0.1", "localhost")
        # Printed once, indented, below the sentence that names the account.
        self.password = self._greeted(r"First start: .*\n\n  (\S+)\n")
        if self.password:
            self.secrets.add(self.password)

    def _greeted(self, pattern):
        found = re.search(pattern, self.out.read_text())
        return found and found.group(1)

    def _ready(self):
        try:
            with urllib.request.urlopen(self.url + "/healthz", timeout=5) as reply:
                return reply.status == 200
        except urllib.error.HTTPError:
            return False

    def _wait_for(self, seen):
        deadline = time.monotonic() + START_SECONDS
        while not (found := seen()):
            if self.process.poll() is not None:
                raise NotStarted(f"the server ended with {self.process.returncode}:\n{self.log.read_text()}")
            if time.monotonic() > deadline:
                raise NotStarted(f"the server is not ready after {START_SECONDS} s:\n{self.log.read_text()}")
            time.sleep(0.02)
        return found

    def stop(self):
        """Asks it to end, as a service manager does; returns its exit code and how long it took."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode, time.monotonic() - begun

    def leaks(self):
        """Secrets that the log holds, and whether it speaks of a panic."""
        text = self.log.read_text(errors="replace")
        # Six digits may be a fraction of a second (after a point) or a part of a longer number: no code then.
        found = [secret for secret in sorted(self.secrets)
                 if re.search(rf"(?<![\w.]){re.escape(secret)}(?!\w)", text)]
        leaks = [f"{self.log.name} holds the secret {secret!r}" for secret in found]
        return leaks + [f"{self.log.name}: {line}" for line in text.splitlines() if "panicked" in line]


class TlsServer(Server):
    """Its health is asked for with curl, which is told of the CA."""

    def _ready(self):
        done = subprocess.run(["curl", "-sf", "--cacert", self.ca, self.url + "/healthz"], check=False, capture_output=True)
        return done.returncode == 0
