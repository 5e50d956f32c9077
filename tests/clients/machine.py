"""A device is remembered: Chromium with its own cookies (machine.mjs drives), and a client of the IDaaS dialect."""

import json
import subprocess

from kit.case import CLIENTS, Case, expect, same
from kit.curl import curl
from kit.otp import totp

USERS = "/api/web/v2/authentication/users"
COMPLETE = "/api/web/v1/authentication/users/authenticate"
WHO = {"applicationId": "default", "userId": "admin"}
BOTH = "PASSWORD_AND_SECONDFACTOR"


class Machine(Case):
    config = '[login.policy]\nsecond = ["totp", "machine"]\n'

    def step(self, asked, **answer):
        """Challenge and completion of the dialect; the body of the second."""
        challenge = curl(self.server, "POST", f"{USERS}/authenticate/{BOTH}", WHO | asked).expect(200)
        body = WHO | answer
        return curl(self.server, "POST", f"{COMPLETE}/{BOTH}/complete", body, authorization=challenge["token"]).expect(200)

    def password(self, device=None):
        shown = {"machineAuthenticator": device} if device else {}
        return self.step({}, response=self.server.password, **shown)

    def test_an_authenticator_app_is_set_up(self):
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": "admin"}).expect(200)
        body = {"transaction": begun["transaction"], "answer": {"password": self.server.password}}
        token = curl(self.server, "POST", "/auth/v1/login/password", body).expect(200)["access_token"]
        invited = curl(self.server, "POST", "/auth/v1/enrol/totp", {}, bearer=token).expect(200)
        self.secret = invited["invitation"]["secret_base32"]
        proof = {"transaction": invited["transaction"], "proof": {"code": totp(self.secret, "now - 30 seconds")}}
        curl(self.server, "POST", "/auth/v1/enrol/totp/complete", proof, bearer=token).expect(200)

    def test_chromium_logs_in_and_is_trusted(self):
        known = json.dumps({"password": self.server.password, "code": totp(self.secret)})
        done = subprocess.run(
            ["node", CLIENTS / "machine.mjs", self.server.url], input=known,
            capture_output=True, text=True, timeout=120, check=False,
        )
        expect(done.returncode == 0, done.stderr)
        self.seen = json.loads(done.stdout)
        self.server.secrets.update(self.seen["secrets"])
        same(self.seen["trusted"]["status"], "done", "the login that trusts the browser")
        same(self.seen["trusted"]["reveal"], None, "what a script is told of it")

    def test_its_cookie_is_out_of_reach_of_scripts(self):
        cookie = self.seen["cookie"]
        same((cookie["httpOnly"], cookie["sameSite"], cookie["path"]), (True, "Lax", "/"), "the cookie")
        expect(29 < cookie["days"] <= 30, f"it is kept for {cookie['days']} days")
        same(self.seen["script"], "", "what a script sees of the cookies")

    def test_the_password_is_then_enough_and_the_cookie_another(self):
        same(self.seen["again"]["status"], "done", "the login after it")
        expect("remembered" in self.seen["again"]["amr"], f"amr: {self.seen['again']['amr']}")
        same(self.seen["rotated"], True, "another cookie")
        same(self.seen["stranger"]["status"], "more", "a browser without the cookie")

    def test_a_copy_of_the_cookie_ends_the_trust(self):
        same(self.seen["thief"]["status"], "more", "the login with the copy")
        same(self.seen["cleared"], True, "the copy is cleared")
        same((self.seen["robbed"]["status"], self.seen["robbed"]["next"]), ("more", ["totp"]), "the owner's next login")

    def test_a_client_of_the_dialect_registers_its_device(self):
        more = self.password()
        same(more["authenticationCompleted"], False, "the password alone")
        second = {"secondFactorAuthenticator": "TOKEN"}
        done = self.step(
            {"authToken": more["token"]} | second, response=totp(self.secret, "now + 30 seconds"),
            machineAuthenticatorRegistration={"label": "till 4", "fingerprint": "round and green"}, **second,
        )
        same(done["authenticationCompleted"], True, "password and code")
        self.device = done["machineAuthenticator"]

    def test_its_device_stands_for_the_second_factor(self):
        shown = self.device | {"fingerprint": "round and green"}
        done = self.password(shown)
        same(done["authenticationCompleted"], True, "the password on the device")
        same([d["label"] for d in done["userMachineSettings"]["userMachineAuthenticators"]], ["till 4"], "its devices")
        self.old, self.device = self.device, done["machineAuthenticator"]
        expect(self.old["sequenceNonce"] != self.device["sequenceNonce"], "the number has not changed")

    def test_a_number_that_was_used_forgets_it(self):
        for device in (self.old, self.device):
            again = self.password(device | {"fingerprint": "round and green"})
            same(again["authenticationCompleted"], False, "the password on a device that was copied")
