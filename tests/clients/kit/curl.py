"""curl, as a person would call it. What goes over the wire as a secret is noted: no log may hold it."""

import json
import subprocess

from .case import expect

# Members of our bodies, and of the dialects', whose values are nobody else's business. (The `code` of a reply is
# the word for an error.)
SECRET_MEMBERS = {
    "password", "newPassword", "response", "codes", "access_token", "session_token", "transaction", "token",
    "authToken", "secret_base32", "otpauth_uri", "next_code", "characters", "pdf_base64", "answer",
    "machineNonce", "sequenceNonce",
}
# What no secret is shorter than; a log holds every short word somewhere.
SHORTEST = 6


def secrets_in(value, members, under=None):
    """Every secret in a body, by the names of its members."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from secrets_in(part, members, name)
    elif isinstance(value, list):
        for part in value:
            yield from secrets_in(part, members, under)
    elif isinstance(value, str) and under in members and len(value) >= SHORTEST:
        yield value


class Reply:
    def __init__(self, asked, status, headers, text):
        self.asked, self.status, self.headers, self.text = asked, status, headers, text

    @property
    def is_json(self):
        return self.headers.get("content-type", "").split(";")[0].endswith("json")

    @property
    def json(self):
        return json.loads(self.text)

    def expect(self, status):
        """The body, when the status is this one: read where it is JSON, else as text."""
        expect(self.status == status, f"expected {status}, got {self.status}\n  asked: {self.asked}\n  reply: {self.text}")
        return self.json if self.text and self.is_json else self.text


def curl(server, method, path, body=None, bearer=None, authorization=None, headers=()):
    """One request. `bearer` is a token for `Authorization: Bearer`, `authorization` the whole header."""
    command = ["curl", "--silent", "--show-error", "--max-time", "30", "--request", method, "--include"]
    if server.ca:
        command += ["--cacert", str(server.ca)]
    if bearer is not None:
        authorization = f"Bearer {bearer}"
    if authorization is not None:
        command += ["--header", f"Authorization: {authorization}"]
    for header in headers:
        command += ["--header", header]
    text = None
    if body is not None:
        text = json.dumps(body)
        command += ["--header", "Content-Type: application/json", "--data-binary", "@-"]
        server.secrets.update(secrets_in(body, SECRET_MEMBERS | {"code"}))
    done = subprocess.run(
        [*command, server.url + path], input=text, capture_output=True, text=True, check=False,
    )
    asked = f"{method} {path} {text or ''} {'with' if authorization else 'without'} Authorization"
    expect(done.returncode == 0, f"{asked}: {done.stderr.strip()}")
    head, _, text = done.stdout.partition("\n\n")
    status, *lines = head.splitlines()
    fields = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in fields}
    reply = Reply(asked, int(status.split()[1]), headers, text)
    # The OpenAPI document speaks of secrets, and holds none.
    if reply.is_json and text and not path.startswith("/openapi"):
        server.secrets.update(secrets_in(reply.json, SECRET_MEMBERS))
    return reply
