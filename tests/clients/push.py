"""A device simulated in Python is paired, woken by a push service that decrypts, and decides about logins."""

import json

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kit.case import Case, expect, same
from kit.curl import curl
from kit.phone import Phone, base64url, of_link
from kit.push_service import PushService

BOTH = "PASSWORD_AND_SECONDFACTOR"
IDAAS = "/api/web/v{}/authentication/users/authenticate/{}"


class Push(Case):
    def __init__(self):
        super().__init__()
        key = ec.generate_private_key(ec.SECP256R1())
        self.public = base64url(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
        self.private = base64url(key.private_numbers().private_value.to_bytes(32, "big"))
        self.config = f"""
            [login.policy]
            first = ["password", "smart-login"]
            second = ["push"]
            [outgoing]
            allow_networks = ["127.0.0.0/8", "::1/128"]
            allow_http = true
            [plugins.push]
            web_push_key = "{self.public}"
            prompts = 20
            [plugins.web-push]
            private_key = "{self.private}"
            contact = "mailto:operator@example.com"
            services = ["127.0.0.1", "localhost"]
        """
        self.service = PushService(self.folder)

    def stop(self):
        self.service.stop()
        super().stop()

    def step(self, path, body, status=200):
        return curl(self.server, "POST", f"/auth/v1/{path}", body).expect(status)

    def log_in(self):
        """The password; how far that has come."""
        begun = self.step("login", {"username": "admin"})
        answer = {"transaction": begun["transaction"], "answer": {"password": self.server.password}}
        return self.step("login/password", answer)

    def enrol(self, phone, subscription=None):
        path = f"/auth/v1/enrol/{phone.authenticator}"
        invited = curl(self.server, "POST", path, {}, bearer=self.token).expect(200)
        body = {"transaction": invited["transaction"], "proof": {}}
        curl(self.server, "POST", f"{path}/complete", body, bearer=self.token).expect(202)
        body["proof"] = {"check": phone.pair(invited["invitation"]["link"], subscription=subscription)}
        curl(self.server, "POST", f"{path}/complete", body, bearer=self.token).expect(200)
        return invited["invitation"]

    def asked(self):
        """A login that waits for the device: its handle, and the number of the page."""
        half = self.log_in()
        same(half["next"]["authenticators"], ["push"], "what is due after the password")
        posed = self.step("login/push/challenge", {"transaction": half["transaction"]})
        return posed["transaction"], posed["prompt"]["number"]

    def poll(self, handle, authenticator="push"):
        return curl(self.server, "POST", f"/auth/v1/login/{authenticator}", {"transaction": handle, "answer": {}})

    def test_two_devices_are_paired(self):
        self.server.secrets.add(self.private)
        self.token = self.log_in()["access_token"]
        subscription, self.client = self.service.subscribe(self.public)
        self.phone = Phone(self.server, "push")
        invitation = self.enrol(self.phone, subscription)
        same(of_link(invitation["link"])["vapid"], self.public, "the key to subscribe for")
        self.watch = Phone(self.server, "smart-login", "P-256")
        self.enrol(self.watch)

    def test_the_device_is_woken_and_told_that_something_waits(self):
        self.handle, self.number = self.asked()
        woken = self.service.messages(self.client)
        same(woken, [{"for": "push", "template": "wake", "tenant": "default"}], "the message, decrypted")
        self.told = self.phone.ask().expect(200)["prompts"]
        same(len(self.told), 1, "prompts that wait")
        shown = json.loads(self.told[0]["shown"])
        same(shown["username"], "admin", "whose login the device shows")
        expect(str(self.number) not in self.told[0]["shown"].split('"at"')[0], "the device is told the number")

    def test_it_approves_with_the_number(self):
        same(self.poll(self.handle).expect(200)["status"], "pending", "status before the decision")
        self.phone.decide(self.told[0], "approve", self.number)
        done = self.poll(self.handle).expect(200)
        same((done["status"], done["acr"]), ("done", "aal2"), "status and acr after it")

    def test_what_was_decided_counts_for_no_other_login(self):
        handle, number = self.asked()
        self.phone.decide(self.told[0], "approve", number)
        same(self.poll(handle).expect(200)["status"], "pending", "status after a decision about another login")

    def test_deny_concern_and_a_wrong_number_end_it(self):
        for decision, number in (("deny", None), ("concern", None), ("approve", 9)):
            handle, right = self.asked()
            told = self.phone.ask().expect(200)["prompts"][-1]
            self.phone.decide(told, decision, 10 + (right + 1) % 90 if number else None)
            self.poll(handle).expect(401)

    def test_a_stranger_s_device_learns_nothing(self):
        stranger = Phone(self.server, "push")
        unknown = stranger.ask()
        unknown.expect(401)
        stranger.name = self.phone.name
        same(stranger.ask().expect(401)["code"], unknown.json["code"], "the refusal of a forged ask")

    def test_idaas_polls_until_the_device_confirms(self):
        def call(version, path, body, token=None):
            reply = curl(self.server, "POST", IDAAS.format(version, path), body, authorization=token)
            return reply.expect(200)

        about = {"applicationId": "default", "userId": "admin"}
        posed = call(2, BOTH, about)
        half = call(1, f"{BOTH}/complete", {"response": self.server.password}, posed["token"])
        same(half["availableSecondFactor"], ["TOKENPUSH"], "second factors")
        more = {"authToken": half["token"], "secondFactorAuthenticator": "TOKENPUSH", "summary": "Pay 5 to Bob",
                "pushMutualChallengeEnabled": True}
        posed = call(2, BOTH, {**about, **more})
        second = {"secondFactorAuthenticator": "TOKENPUSH"}
        same(call(1, f"{BOTH}/complete", second, posed["token"])["status"], "NO_RESPONSE", "before the decision")
        told = self.phone.ask().expect(200)["prompts"][-1]
        same(json.loads(told["shown"])["said"], {"summary": "Pay 5 to Bob"}, "what is said of the login")
        self.phone.decide(told, "approve", int(posed["pushMutualChallenge"]))
        done = call(1, f"{BOTH}/complete", second, posed["token"])
        same((done["status"], done["authenticationCompleted"]), ("CONFIRM", True), "after it")

    def test_a_login_without_a_name_is_approved_by_the_device_that_scans_it(self):
        begun = self.step("login", {})
        posed = self.step("login/smart-login/challenge", {"transaction": begun["transaction"]})
        wake = of_link(posed["prompt"]["link"])["wake"]
        told = self.watch.ask(wake).expect(200)["prompt"]
        self.watch.decide(told, "approve", posed["prompt"]["number"])
        half = self.poll(posed["transaction"], "smart-login").expect(200)
        same((half["status"], half["next"]["authenticators"]), ("more", ["push"]), "what the scan has proven")

    def test_a_push_service_that_has_forgotten_the_device_changes_nothing(self):
        self.service._post(f"/expire-subscription/{self.client}", {})
        handle, number = self.asked()
        told = self.phone.ask().expect(200)["prompts"][-1]
        self.phone.decide(told, "approve", number)
        same(self.poll(handle).expect(200)["status"], "done", "status")
