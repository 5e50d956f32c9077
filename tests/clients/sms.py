"""Codes come as text messages and calls, through a gateway that verifies the signature of each request."""

import re
import time

from kit.case import Case, expect, same
from kit.curl import curl
from kit.gateway import WITHIN, Gateway

NUMBER = "+4915112345678"
PASSWORD = "quince-Ladder 77 harbour"
CONFIG = """\
[login.policy]
second = ["otp"]

[plugins.otp]
deliveries = ["sms", "voice"]
reset_deliveries = []

[outgoing]
allow_networks = ["127.0.0.0/8"]
allow_http = true

[plugins.sms-webhook]
url = "{url}"
secret = "{secret}"
"""


class Sms(Case):
    def password(self, password=PASSWORD, username="ann"):
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": username}).expect(200)
        body = {"transaction": begun["transaction"], "answer": {"password": password}}
        return curl(self.server, "POST", "/auth/v1/login/password", body).expect(200)

    def challenge(self, begin):
        body = {"transaction": self.password()["transaction"], "begin": begin}
        return curl(self.server, "POST", "/auth/v1/login/otp/challenge", body).expect(200)

    def answer(self, asked, code):
        body = {"transaction": asked["transaction"], "answer": {"code": code}}
        return curl(self.server, "POST", "/auth/v1/login/otp", body)

    def received(self):
        """The message that has come, and its code."""
        message = self.gateway.message()
        code = re.search(r"\b(\d{6})\b", message["text"]).group(1)
        self.server.secrets.add(code)
        return message, code

    def test_a_number_is_set_up_with_a_code_that_comes(self):
        self.gateway = Gateway()
        self.config = CONFIG.format(url=self.gateway.url, secret=self.gateway.secret)
        self.server.secrets.update({self.gateway.secret, self.gateway.secret.removeprefix("whsec_"), NUMBER})
        admin = self.password(self.server.password, "admin")["access_token"]
        ann = curl(self.server, "POST", "/auth/v1/people", {"username": "ann"}, bearer=admin).expect(201)
        path = f"/auth/v1/people/{ann['id']}/password"
        curl(self.server, "PUT", path, {"password": PASSWORD}, bearer=admin).expect(204)
        token = self.password()["access_token"]
        for delivery in ("sms", "voice"):
            body = {"invite": {"delivery": delivery, "value": NUMBER, "label": delivery}}
            invited = curl(self.server, "POST", "/auth/v1/enrol/otp", body, bearer=token).expect(200)
            message, code = self.received()
            same((message["to"], message["kind"], message["tenant"]), (NUMBER, delivery, "default"), "the message")
            body = {"transaction": invited["transaction"], "proof": {"code": code}}
            curl(self.server, "POST", "/auth/v1/enrol/otp/complete", body, bearer=token).expect(200)

    def test_a_code_by_text_message_is_the_second_factor(self):
        asked = self.challenge({"delivery": "sms"})
        message, code = self.received()
        same(message["text"], f"{code} is your code for Default, good for 5 minutes. Tell it to nobody.", "the text")
        done = self.answer(asked, code).expect(200)
        same((done["status"], done["amr"]), ("done", ["pwd", "sms", "mfa"]), "how the login ended")

    def test_a_gateway_that_can_not_now_is_asked_again_with_the_same_id(self):
        self.gateway.answers, self.gateway.tries = [503, 429], []
        asked = self.challenge({"delivery": "voice"})
        message, code = self.received()
        same(message["kind"], "voice", "kind")
        same([status for _, status in self.gateway.tries], [503, 429, 202], "the tries")
        same({id for id, _ in self.gateway.tries}, {message["id"]}, "their ids")
        self.answer(asked, code).expect(200)

    def test_a_gateway_that_refuses_is_not_asked_again(self):
        self.gateway.answers, self.gateway.tries = [400], []
        self.challenge({"delivery": "sms"})
        self.logged("a message was not delivered", "the gateway answered 400")
        self.challenge({"delivery": "sms"})
        self.received()
        same([status for _, status in self.gateway.tries], [400, 202], "the tries")

    def test_who_signs_with_another_secret_is_not_believed(self):
        self.server.stop()
        self.config = CONFIG.format(url=self.gateway.url, secret=Gateway().secret)
        self.start()
        self.challenge({"delivery": "sms"})
        self.logged("a message was not delivered", "the gateway answered 401")
        same(self.gateway.messages, [], "messages that were believed")

    def test_without_a_gateway_it_is_refused_for_everybody_alike(self):
        self.server.stop()
        self.config = CONFIG.format(url=self.gateway.url, secret=self.gateway.secret).split("[plugins.sms-webhook]")[0]
        self.config = self.config.replace("second =", 'first = ["password", "otp"]\nsecond =')
        self.start()
        replies = []
        for name in ("ann", "nobody"):
            begun = curl(self.server, "POST", "/auth/v1/login", {"username": name}).expect(200)
            body = {"transaction": begun["transaction"], "begin": {"delivery": "sms"}}
            reply = curl(self.server, "POST", "/auth/v1/login/otp/challenge", body)
            replies.append((reply.status, reply.json["code"], reply.json["detail"]))
        same(replies[0][0], 503, "the status for somebody")
        same(replies[1], replies[0], "the reply for nobody")
        self.logged("a message needs a channel that is not there", "sms-webhook")
        same(curl(self.server, "GET", "/readyz").status, 200, "whether the server is ready")

    def logged(self, *words):
        """Waits for a line of the log with all these words."""
        begun = time.monotonic()
        while not any(all(word in line for word in words) for line in self.server.log.read_text().splitlines()):
            expect(time.monotonic() - begun < WITHIN, f"no line of the log says {words}")
            time.sleep(0.05)

    def stop(self):
        super().stop()
        if "gateway" in vars(self):
            self.gateway.stop()
