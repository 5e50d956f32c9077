"""aiosmtpd: a mail server that keeps what it is handed."""

import email
import email.policy
import logging
import secrets
import socket
import ssl
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from .case import expect

# A debug build on a busy machine; a mail arrives within milliseconds otherwise.
WITHIN = 20

# It prints a traceback for each client that hangs up, which is what some tests are about.
logging.getLogger("mail.log").addHandler(logging.NullHandler())
logging.getLogger("mail.log").propagate = False


class Mailbox:
    """What has arrived; also who handed it in, and whether that was encrypted."""

    def __init__(self):
        self.mails, self.accounts, self.encrypted = [], set(), set()

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.accounts.add(session.auth_data)
        self.encrypted.add(session.ssl is not None)
        self.mails.append((envelope.rcpt_tos, mail))
        return "250 taken"


class MailServer:
    """On one port of this machine, which it keeps over stops and starts. STARTTLS and AUTH are asked for."""

    def __init__(self, issued):
        """`issued`: its certificate."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.username, self.password = "gatewright", secrets.token_urlsafe(18)
        self.box, self.controller = Mailbox(), None
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(issued.pem, issued.key)
        self.start()

    def start(self):
        self.controller = Controller(
            self.box, hostname="127.0.0.1", port=self.port, tls_context=self.tls, require_starttls=True,
            auth_required=True, authenticator=self._judge,
        )
        self.controller.start()

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None

    def _judge(self, server, session, envelope, mechanism, given):
        known = (given.login, given.password) == (self.username.encode(), self.password.encode())
        return AuthResult(success=known, handled=False, auth_data=given.login.decode(errors="replace"))

    def mail(self, to):
        """The one mail that has come, or comes now."""
        begun = time.monotonic()
        while not self.box.mails:
            expect(time.monotonic() - begun < WITHIN, f"no mail for {to}")
            time.sleep(0.02)
        expect(len(self.box.mails) == 1, f"{len(self.box.mails)} mails instead of one")
        recipients, mail = self.box.mails.pop()
        expect(recipients == [to], f"it went to {recipients} instead of {to}")
        return mail
