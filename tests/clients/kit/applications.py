"""Applications of a server: registered with its command line, or over its API by its administrator."""

from .binary import gatewright
from .case import expect
from .curl import curl


class Applications:
    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.issuer = f"{server.site}/api/oidc/default"
        self.token = None

    def command(self, *arguments, stdin=""):
        done = gatewright(*arguments, env=self.server.variables, cwd=self.folder, stdin=stdin)
        expect(done.returncode == 0, f"{arguments}: {done.stderr}")
        return done.stdout

    def add(self, client_id, *arguments):
        """`gatewright client add --for env`; the secret, if it has one."""
        printed = self.command("client", "add", client_id, "--client-id", client_id, "--for", "env", *arguments)
        values = dict(line.split("=", 1) for line in printed.splitlines())
        self.server.secrets.update(filter(None, [values["CLIENT_SECRET"]]))
        return values["CLIENT_SECRET"]

    def bearer(self):
        """The administrator's token."""
        if self.token is None:
            begun = curl(self.server, "POST", "/auth/v1/login", {"username": "admin"}).expect(200)
            body = {"transaction": begun["transaction"], "answer": {"password": self.server.password}}
            self.token = curl(self.server, "POST", "/auth/v1/login/password", body).expect(200)["access_token"]
        return self.token

    def create(self, client_id, **settings):
        """With everything that a client may have; the secret, if it has one."""
        body = {"client_id": client_id, "settings": {"name": client_id} | settings}
        made = curl(self.server, "POST", "/auth/v1/tenants/default/clients", body, bearer=self.bearer()).expect(201)
        self.server.secrets.update(filter(None, [made.get("client_secret")]))
        return made.get("client_secret")

    def person(self, username, password, **facts):
        flags = [word for name, value in facts.items() for word in (f"--{name}", value)]
        self.command("person", "add", username, "--stdin", *flags, stdin=password + "\n")
