"""A person logs in with curl and oathtool, and sets up what is needed."""

import json
import subprocess

from kit.case import Case, expect, same
from kit.curl import SECRET_MEMBERS, curl, secrets_in
from kit.otp import totp


class NativeLogin(Case):
    def begin(self, username="admin"):
        """A new login; the handle for its first step."""
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": username}).expect(200)
        return begun["transaction"]

    def answer(self, authenticator, transaction, answer):
        body = {"transaction": transaction, "answer": answer}
        return curl(self.server, "POST", f"/auth/v1/login/{authenticator}", body)

    def first_factor(self):
        """Logs in with the password; how far that has come."""
        return self.answer("password", self.begin(), {"password": self.server.password}).expect(200)

    def second_factor(self):
        """Begins a login and gives the password; the handle for the second proof, and what is offered."""
        more = self.first_factor()
        same(more["status"], "more", "status after the password")
        same(more["next"]["step"], "second", "the next step after the password")
        return more["transaction"], more["next"]["authenticators"]

    def enrol(self, authenticator, proof_of):
        """Sets an authenticator up; `proof_of` makes the proof of the invitation."""
        path = f"/auth/v1/enrol/{authenticator}"
        invited = curl(self.server, "POST", path, {}, bearer=self.token).expect(200)
        body = {"transaction": invited["transaction"], "proof": proof_of(invited["invitation"])}
        return curl(self.server, "POST", f"{path}/complete", body, bearer=self.token).expect(200)

    def test_the_lines_that_the_first_start_prints_log_in(self):
        greeting = self.server.out.read_text()
        lines = [line for line in greeting.splitlines() if "curl" in line]
        same(len(lines), 2, "lines with curl in the greeting")
        done = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, text=True, timeout=30, check=False)
        reply = json.loads(done.stdout)
        same(reply["status"], "done", done.stdout + done.stderr)
        self.server.secrets.update(secrets_in(reply, SECRET_MEMBERS))

    def test_a_wrong_password_is_refused_like_an_unknown_person(self):
        wrong = self.answer("password", self.begin(), {"password": "not the password"})
        wrong.expect(401)
        unknown = self.answer("password", self.begin("nobody"), {"password": "not the password"})
        unknown.expect(401)
        same(unknown.text, wrong.text, "the refusal of somebody who does not exist")

    def test_the_password_logs_in(self):
        done = self.first_factor()
        same(done["status"], "done", "status")
        same(done["acr"], "aal1", "acr")
        self.token = done["access_token"]

    def test_the_token_says_who_it_is(self):
        me = curl(self.server, "GET", "/auth/v1/me", bearer=self.token).expect(200)
        same(me["username"], "admin", "username")
        curl(self.server, "GET", "/auth/v1/me").expect(401)
        curl(self.server, "GET", "/auth/v1/me", bearer=self.token[:-1]).expect(401)

    def test_an_authenticator_app_is_set_up(self):
        def proof(invitation):
            self.secret = invitation["secret_base32"]
            expect(invitation["otpauth_uri"].startswith("otpauth://totp/"), "the URI is not of TOTP")
            expect(self.secret in invitation["otpauth_uri"], "the URI and the secret differ")
            self.used = totp(self.secret)
            return {"code": self.used}

        self.enrol("totp", proof)

    def test_the_password_alone_is_no_longer_enough(self):
        self.pending, offered = self.second_factor()
        expect("totp" in offered, f"totp is not offered: {offered}")

    def test_a_code_is_good_once(self):
        refused = self.answer("totp", self.pending, {"code": self.used})
        refused.expect(401)

    def test_the_next_code_logs_in(self):
        # Nobody waits for 30 seconds: the server takes the code of the next step, too (RFC 6238, section 5.2).
        done = self.answer("totp", self.pending, {"code": totp(self.secret, "now + 30 seconds")}).expect(200)
        same(done["status"], "done", "status")
        same(done["acr"], "aal2", "acr")
        self.token = done["access_token"]

    def test_recovery_codes_are_shown(self):
        enrolled = self.enrol("recovery-code", lambda _: {})
        self.codes = enrolled["reveal"]["codes"]
        expect(len(set(self.codes)) >= 8, f"too few codes: {len(set(self.codes))}")

    def test_a_recovery_code_stands_in_for_the_app(self):
        transaction, offered = self.second_factor()
        expect("recovery-code" in offered, f"recovery-code is not offered: {offered}")
        done = self.answer("recovery-code", transaction, {"code": self.codes[0]}).expect(200)
        same(done["status"], "done", "status")

    def test_a_recovery_code_is_good_once(self):
        transaction, _ = self.second_factor()
        self.answer("recovery-code", transaction, {"code": self.codes[0]}).expect(401)
        # The refusal was of the code, not of the login.
        self.answer("recovery-code", transaction, {"code": self.codes[1]}).expect(200)

    def test_the_session_ends(self):
        curl(self.server, "POST", "/auth/v1/session/end", {}, bearer=self.token).expect(204)
        curl(self.server, "GET", "/auth/v1/me", bearer=self.token).expect(401)
