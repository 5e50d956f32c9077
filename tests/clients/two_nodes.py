"""Two nodes on one PostgreSQL, each a process of its own."""

import shutil
import statistics
import time

from kit.case import Case, expect, same
from kit.curl import curl
from kit.otp import totp
from kit.postgres import Postgres
from kit.server import Server

# What the README promises.
WITHIN = 1.0


class TwoNodes(Case):
    # One client asks far more often than a person.
    limits = "[http.rate]\nper_second = 0\nsteps_per_second = 0\n"

    def node(self, name):
        """A node with a data folder of its own, but for the keyring."""
        data = self.folder / name
        data.mkdir(exist_ok=True)
        first = self.folder / "a" / "keyring.json"
        if first.exists() and not (data / "keyring.json").exists():
            shutil.copy2(first, data / "keyring.json")
        secrets = self.servers[-1].secrets if self.servers else None
        server = Server(data, self.folder, config=self.limits, secrets=secrets, env={"GATEWRIGHT_STORE": self.postgres.url})
        self.servers.append(server)
        return server

    def log_in(self, begin, answer=None):
        """Begun here, answered there."""
        begun = curl(begin, "POST", "/auth/v1/login", {"username": "admin"}).expect(200)
        answer = answer or begin
        body = {"transaction": begun["transaction"], "answer": {"password": self.password}}
        return curl(answer, "POST", "/auth/v1/login/password", body).expect(200)

    def test_a_second_node_joins(self):
        self.postgres = Postgres()
        self.a = self.node("a")
        self.password = self.a.password
        self.b = self.node("b")
        same(self.b.password, None, "an account made by the second node")
        self.b.secrets.add(self.password)

    def test_a_login_that_is_begun_on_one_node_ends_on_the_other(self):
        done = self.log_in(self.a, self.b)
        same(done["status"], "done", "status")
        curl(self.a, "GET", "/auth/v1/me", bearer=done["access_token"]).expect(200)

    def test_what_one_node_revokes_the_other_refuses(self):
        took = []
        for _ in range(20):
            token = self.log_in(self.a)["access_token"]
            curl(self.b, "GET", "/auth/v1/me", bearer=token).expect(200)
            curl(self.a, "POST", "/auth/v1/session/end", {}, bearer=token).expect(204)
            revoked = time.monotonic()
            while curl(self.b, "GET", "/auth/v1/me", bearer=token).status != 401:
                expect(time.monotonic() - revoked < WITHIN, "the other node still lets in who was thrown out")
            took.append(time.monotonic() - revoked)
        # Each look takes curl some milliseconds to start.
        print(f"      revocation seen by the other node: median {statistics.median(took) * 1000:.0f} ms, "
              f"at most {max(took) * 1000:.0f} ms, of 20, curl's start included")

    def test_a_node_is_killed_in_the_middle_of_a_login(self):
        token = self.log_in(self.a)["access_token"]
        invited = curl(self.a, "POST", "/auth/v1/enrol/totp", {}, bearer=token).expect(200)
        secret = invited["invitation"]["secret_base32"]
        body = {"transaction": invited["transaction"], "proof": {"code": totp(secret)}}
        curl(self.a, "POST", "/auth/v1/enrol/totp/complete", body, bearer=token).expect(200)

        half = self.log_in(self.a)
        same(half["status"], "more", "status after the password")
        self.a.process.kill()
        self.a.process.wait()
        body = {"transaction": half["transaction"], "answer": {"code": totp(secret, "+30 seconds")}}
        done = curl(self.b, "POST", "/auth/v1/login/totp", body).expect(200)
        same((done["status"], done["acr"]), ("done", "aal2"), "the login on the node that is left")
        self.token = done["access_token"]

    def test_a_database_that_goes_away_and_comes_back(self):
        self.postgres.order("stop")
        gone = time.monotonic()
        while curl(self.b, "GET", "/readyz").status != 503:
            expect(time.monotonic() - gone < 3, "still says that it is ready")
        refused = curl(self.b, "POST", "/auth/v1/login", {"username": "admin"})
        refused.expect(503)
        expect("retry-after" in refused.headers, f"no Retry-After: {refused.headers}")
        curl(self.b, "GET", "/healthz").expect(200)
        self.postgres.order("start")
        back = time.monotonic()
        while curl(self.b, "GET", "/readyz").status != 200:
            expect(time.monotonic() - back < 10, "does not come back")
        curl(self.b, "GET", "/auth/v1/me", bearer=self.token).expect(200)

    def test_the_killed_node_comes_back(self):
        again = self.node("a")
        curl(again, "GET", "/auth/v1/me", bearer=self.token).expect(200)

    def stop(self):
        super().stop()
        if "postgres" in vars(self):
            self.postgres.end()
