"""An application of somebody's, in Node: does what it is told, and sends a person to the pages when it must.

A line of JSON each: `{"do": …}` goes in; `{"visit": URL}` comes out until somebody has been there and a line says where
that ended; `{"done": …}` or `{"failed": …}` is the last word. `program.mjs` is the other end.
"""

import json
import subprocess

from .case import CLIENTS, Failed, expect
from .curl import SECRET_MEMBERS, secrets_in

SECRETS = SECRET_MEMBERS | {
    "refresh_token", "id_token", "client_secret", "registration_access_token", "device_code", "request_uri",
}
SECONDS = 60


class Program:
    def __init__(self, server, script, person, *arguments):
        self.server, self.person = server, person
        self.process = subprocess.Popen(
            ["node", CLIENTS / script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )

    def say(self, what):
        try:
            self.process.stdin.write(json.dumps(what) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"it has ended, with {self.process.wait()}") from None

    def ask(self, action, person=None, **given):
        """Tells it to do something; its last word."""
        self.server.secrets.update(secrets_in(given, SECRETS))
        self.say({"do": action} | given)
        while True:
            line = self.process.stdout.readline()
            expect(line, f"it ended during {action}, with {self.process.poll()}")
            said = json.loads(line)
            self.server.secrets.update(secrets_in(said, SECRETS))
            if "visit" not in said:
                return said
            self.say((person or self.person).visit(said["visit"]))

    def do(self, action, **given):
        """What came of it."""
        said = self.ask(action, **given)
        if "failed" in said:
            raise Failed(f"{action}: {json.dumps(said['failed'], indent=2)}")
        return said["done"]

    def refused(self, action, **given):
        """The error of OAuth that it ended with."""
        said = self.ask(action, **given)
        expect("failed" in said, f"{action} was not refused: {said}")
        expect(said["failed"].get("error"), f"{action} failed otherwise: {said['failed']}")
        return said["failed"]["error"]

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
