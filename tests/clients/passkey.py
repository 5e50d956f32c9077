"""Passkeys in Chromium. passkey.mjs is the person; here it is judged."""

import json
import socket
import subprocess

from kit.case import CLIENTS, Case, expect, same
from kit.curl import curl, secrets_in

TOKENS = {"access_token", "session_token", "transaction", "token"}


class Passkey(Case):
    def test_the_server_starts_where_it_says(self):
        # A relying party has an origin, and so a port that is known before the start.
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.start(env={"GATEWRIGHT_LISTEN": f"127.0.0.1:{port}"})

    def test_a_person_in_chromium_does_all_this(self):
        done = subprocess.run(
            ["node", CLIENTS / "passkey.mjs", self.server.url],
            input=json.dumps({"password": self.server.password}),
            capture_output=True, text=True, timeout=120, check=False,
        )
        expect(done.returncode == 0, done.stderr)
        self.seen = json.loads(done.stdout)
        self.server.secrets |= set(secrets_in(self.seen, TOKENS)) | set(self.seen["tokens"])

    def step(self, name, status):
        step = self.seen[name]
        same(step["status"], status, f"{name}: {step['body']}")
        return step["body"]

    def test_a_passkey_is_set_up_once(self):
        self.step("enrolled", 200)
        # The browser itself refuses: the key is on the list of those that are there.
        same(self.step("again", 0)["error"], "InvalidStateError", "a second time")

    def test_it_logs_in_without_a_name(self):
        body = self.step("discoverable", 200)
        same((body["status"], body["person"]["username"]), ("done", "admin"), "the login")
        same((body["acr"], body["amr"]), ("aal3", ["pop", "mfa"]), "what it is worth")
        curl(self.server, "GET", "/auth/v1/me", bearer=body["access_token"]).expect(200)

    def test_and_with_one(self):
        same(self.step("named", 200)["status"], "done", "the login")

    def test_it_logs_in_from_the_autofill_of_a_form(self):
        same(self.step("conditional", 200)["status"], "done", "the login")

    def test_a_page_that_does_not_ask_for_a_check_of_the_person_gets_nothing(self):
        self.step("unverified", 401)

    def test_it_comes_after_a_password(self):
        body = self.step("second", 200)
        same(self.seen["second"]["next"], {"step": "second", "authenticators": ["passkey"]}, "after the password")
        same((self.seen["second"]["allowed"], body["status"]), (1, "done"), "keys that were named, and the login")
        same(body["amr"], ["pwd", "pop", "mfa"], "amr")

    def test_it_is_passkey_and_fido_in_the_idaas_dialect(self):
        for name in ("idaas", "deprecated", "idaasSecond"):
            body = self.step(name, 200)
            same((body["authenticationCompleted"], body["userId"]), (True, "admin"), name)
        same(self.seen["idaasSecond"]["available"], ["FIDO"], "availableSecondFactor")

    def test_a_copy_that_has_been_used_less_is_refused_and_noted(self):
        expect(self.seen["countedTo"] > 1, f"the key has counted to {self.seen['countedTo']}")
        self.step("cloned", 401)
        bearer = self.seen["discoverable"]["body"]["access_token"]
        log = curl(self.server, "GET", "/auth/v1/audit?limit=100", bearer=bearer)
        expect("cloned" in log.text, f"no word of it in the audit log: {log.text[:2000]}")

    def test_an_old_security_key_is_a_second_factor(self):
        self.step("stick", 200)
        body = self.step("stickSecond", 200)
        same((self.seen["stickSecond"]["allowed"], body["status"]), (2, "done"), "keys that were named, and the login")
