"""Codes and links come by mail, through somebody else's mail server (aiosmtpd) with STARTTLS and an account."""

import base64
import re
import time

from kit.case import Case, expect, same
from kit.curl import curl
from kit.mailserver import WITHIN, MailServer
from kit.otp import totp
from kit.pki import Ca

ANN = "ann@example.org"
SITE = "https://id.example.org"
OLD, NEW = "quince-Ladder 77 harbour", "marble 41 Otter-drum"
CONFIG = """\
[login.policy]
first = ["password", "otp", "magic-link"]
second = ["totp", "otp"]
reset = ["otp"]

[login.site]
url = "{site}"

[plugins.smtp]
host = "localhost"
port = {port}
root_certificates = {{ file = "{roots}" }}
username = "{username}"
password = {{ file = "{password}" }}
from = "Example <login@example.com>"

[plugins.smtp.templates.magic-link]
subject = "In with a link"

[plugins.smtp.templates.otp.de]
subject = "Ihr Code für {{site}}"
body = "Der Code: {{code}}"
"""


class Mail(Case):
    def configure(self, ca):
        """A configuration that believes whom this CA knows."""
        password = self.folder / "password"
        password.write_text(self.mails.password)
        password.chmod(0o600)
        self.config = CONFIG.format(site=SITE, port=self.mails.port, roots=ca.pem, password=password,
                                    username=self.mails.username)

    def received(self):
        """The mail that Ann has got, and its text; what is secret in it is looked for in the log at the end."""
        mail = self.mails.mail(ANN)
        text = mail.get_content().replace("\r\n", "\n")
        self.server.secrets.update(re.findall(r"\b\d{6}\b", text), re.findall(r"ticket=(\S+)", text))
        return mail, text

    def code(self):
        _, text = self.received()
        return re.search(r"\b(\d{6})\b", text).group(1)

    def begin(self, **more):
        return curl(self.server, "POST", "/auth/v1/login", {"username": "ann"} | more).expect(200)["transaction"]

    def challenge(self, transaction, **more):
        body = {"transaction": transaction}
        return curl(self.server, "POST", "/auth/v1/login/otp/challenge", body, **more).expect(200)["transaction"]

    def answer(self, authenticator, transaction, answer):
        body = {"transaction": transaction, "answer": answer}
        return curl(self.server, "POST", f"/auth/v1/login/{authenticator}", body)

    def password(self, password, username="ann"):
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": username}).expect(200)
        return self.answer("password", begun["transaction"], {"password": password}).expect(200)

    def enrol(self, authenticator, invite, proof_of, token):
        path = f"/auth/v1/enrol/{authenticator}"
        body = {"invite": invite} if invite else {}
        invited = curl(self.server, "POST", path, body, bearer=token).expect(200)
        body = {"transaction": invited["transaction"], "proof": proof_of(invited["invitation"])}
        return curl(self.server, "POST", f"{path}/complete", body, bearer=token).expect(200)

    def test_an_account_with_an_address(self):
        self.ca = Ca(self.folder, "ca")
        self.mails = MailServer(self.ca.issue("localhost", "subjectAltName = DNS:localhost"))
        self.configure(self.ca)
        # As it goes over the wire, too (RFC 4616).
        account = f"\0{self.mails.username}\0{self.mails.password}"
        self.server.secrets.update({self.mails.password, base64.b64encode(account.encode()).decode(), ANN})
        admin = self.password(self.server.password, "admin")["access_token"]
        body = {"username": "ann", "email": ANN}
        ann = curl(self.server, "POST", "/auth/v1/people", body, bearer=admin).expect(201)
        path = f"/auth/v1/people/{ann['id']}"
        curl(self.server, "PATCH", path, {"email_verified": True}, bearer=admin).expect(200)
        curl(self.server, "PUT", f"{path}/password", {"password": OLD}, bearer=admin).expect(204)

    def test_the_address_is_set_up_with_a_code_that_comes(self):
        token = self.password(OLD)["access_token"]
        self.enrol("otp", {"delivery": "email", "value": ANN}, lambda _: {"code": self.code()}, token)
        same(self.mails.box.accounts, {self.mails.username}, "the account at the mail server")
        same(self.mails.box.encrypted, {True}, "encrypted")

    def test_a_code_by_mail_is_the_second_factor(self):
        asked = self.challenge(self.password(OLD)["transaction"])
        mail, text = self.received()
        code = re.search(r"\b(\d{6})\b", text).group(1)
        same(mail["From"], "Example <login@example.com>", "From")
        same(mail["To"], ANN, "To")
        same(mail["Subject"], "Your code for Default", "Subject")
        same(mail["Auto-Submitted"], "auto-generated", "Auto-Submitted")
        same(mail.get_content_type(), "text/plain", "the type of the mail")
        expect(re.fullmatch(r"<[0-9a-f-]{36}@example\.com>", mail["Message-ID"]), f"Message-ID: {mail['Message-ID']}")
        same(abs(mail["Date"].datetime.timestamp() - time.time()) < 60, True, f"Date: {mail['Date']} is now")
        wrong = "000000" if code != "000000" else "000001"
        self.answer("otp", asked, {"code": wrong}).expect(401)
        done = self.answer("otp", asked, {"code": code}).expect(200)
        same((done["status"], done["amr"]), ("done", ["pwd", "otp", "mfa"]), "how the login ended")
        self.answer("otp", asked, {"code": code}).expect(404)

    def test_the_text_is_in_the_language_of_the_person(self):
        self.challenge(self.password(OLD)["transaction"], headers=["Accept-Language: de-CH, de;q=0.9"])
        mail, text = self.received()
        same(mail["Subject"], "Ihr Code für Default", "Subject")
        expect(re.fullmatch(r"Der Code: \d{6}\n", text), "the text is not the German one")

    def test_a_link_by_mail_logs_in(self):
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": "ann", "cookie": True})
        cookie = f"Cookie: {begun.headers['set-cookie'].split(';')[0]}"
        body = {"transaction": begun.expect(200)["transaction"]}
        asked = curl(self.server, "POST", "/auth/v1/login/magic-link/challenge", body, headers=[cookie]).expect(200)
        mail, text = self.received()
        same(mail["Subject"], "In with a link", "the operator's own subject")
        link = re.search(rf"^{re.escape(SITE)}(\S+)$", text, re.MULTILINE).group(1)
        body = {"transaction": asked["transaction"], "answer": {}}
        ask = lambda: curl(self.server, "POST", "/auth/v1/login/magic-link", body, headers=[cookie]).expect(200)  # noqa: E731
        same(ask()["status"], "pending", "before the link is opened")
        curl(self.server, "GET", link, headers=[cookie]).expect(303)
        same(ask()["status"], "more", "after it: the address is the same that second codes go to")

    def test_a_lost_password_is_replaced_by_mail_and_the_app_is_asked_for_all_the_same(self):
        asked = self.challenge(self.password(OLD)["transaction"])
        token = self.answer("otp", asked, {"code": self.code()}).expect(200)["access_token"]

        def proof(invitation):
            self.secret = invitation["secret_base32"]
            return {"code": totp(self.secret)}

        self.enrol("totp", None, proof, token)
        # One mailbox would be both factors.
        asked = self.challenge(self.begin(purpose="reset"))
        more = self.answer("otp", asked, {"code": self.code()}).expect(200)
        invited = curl(self.server, "POST", "/auth/v1/enrol/password", {"transaction": more["transaction"]}).expect(200)
        body = {"transaction": invited["transaction"], "proof": {"password": NEW}}
        curl(self.server, "POST", "/auth/v1/enrol/password/complete", body).expect(409)
        mine = curl(self.server, "GET", "/auth/v1/me/credentials", bearer=token).expect(200)
        contact = next(one["id"] for one in mine if one["authenticator"] == "otp")
        curl(self.server, "DELETE", f"/auth/v1/me/credentials/{contact}", bearer=token).expect(204)

        asked = self.challenge(self.begin(purpose="reset"))
        mail, text = self.received()
        same(mail["Subject"], "A new password for Default", "Subject")
        code = re.search(r"\b(\d{6})\b", text).group(1)
        more = self.answer("otp", asked, {"code": code}).expect(200)
        invited = curl(self.server, "POST", "/auth/v1/enrol/password", {"transaction": more["transaction"]}).expect(200)
        body = {"transaction": invited["transaction"], "proof": {"password": NEW}}
        done = curl(self.server, "POST", "/auth/v1/enrol/password/complete", body).expect(200)
        same(done["login"], {"status": "reset"}, "how it ended")
        mail, text = self.received()
        same(mail["Subject"], "Your account at Default was changed", "the subject of the notice")
        expect("ann at Default was changed: password" in text, f"the notice: {text}")
        curl(self.server, "GET", "/auth/v1/me", bearer=token).expect(401)
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": "ann"}).expect(200)
        self.answer("password", begun["transaction"], {"password": OLD}).expect(401)
        more = self.password(NEW)
        same(more["next"]["step"], "second", "after the new password")
        expect("totp" in more["next"]["authenticators"], f"the app is not asked for: {more['next']}")
        done = self.answer("totp", more["transaction"], {"code": totp(self.secret, "now + 30 seconds")}).expect(200)
        same(done["acr"], "aal2", "acr")
        invite = {"delivery": "email", "value": ANN}
        self.enrol("otp", invite, lambda _: {"code": self.code()}, done["access_token"])

    def test_a_mail_server_that_goes_away_and_comes_back(self):
        self.mails.stop()
        asked = self.challenge(self.password(NEW)["transaction"])
        self.logged("a message was not delivered", "no connection")
        self.mails.start()
        self.answer("otp", asked, {"code": self.code()}).expect(200)

    def test_who_is_nobody_gets_the_same_reply_and_no_mail(self):
        known, unknown = (
            curl(self.server, "POST", "/auth/v1/login/otp/challenge", {"transaction": begun["transaction"]}).expect(200)
            for begun in (curl(self.server, "POST", "/auth/v1/login", {"username": name}).expect(200)
                          for name in ("ann", "nobody"))
        )
        same(unknown["prompt"], known["prompt"], "what somebody is told who does not exist")
        self.received()
        same(self.mails.box.mails, [], "more mails")

    def test_a_mail_server_with_a_certificate_of_somebody_else_gets_nothing(self):
        self.server.stop()
        other = Ca(self.folder, "other")
        self.configure(other)
        self.start()
        self.challenge(self.password(NEW)["transaction"])
        self.logged("a message was not delivered", "no encryption", "UnknownIssuer")
        same(self.mails.box.mails, [], "mails")

    def test_a_wrong_password_of_the_account_is_said_without_it(self):
        self.server.stop()
        self.mails.stop()
        self.mails.start()
        self.configure(self.ca)
        self.config = self.config.replace('username = "gatewright"', 'username = "somebody-else"')
        self.start()
        self.challenge(self.password(NEW)["transaction"])
        self.logged("a message was not delivered", "no login: the mail server said 535")

    def logged(self, *words):
        """Waits for a line of the log with all these words."""
        begun = time.monotonic()
        while not any(all(word in line for word in words) for line in self.server.log.read_text().splitlines()):
            expect(time.monotonic() - begun < WITHIN, f"no line of the log says {words}")
            time.sleep(0.05)

    def stop(self):
        super().stop()
        if "mails" in vars(self):
            self.mails.stop()
