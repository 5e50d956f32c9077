"""Applications are told that somebody has logged out (OpenID Connect Back-Channel Logout): Authlib logs in, an https
server takes the tokens, and PyJWT judges them."""

import http.server
import secrets
import ssl
import threading
import time
import urllib.parse

import jwt
from authlib.integrations.requests_client import OAuth2Session
from kit.applications import Applications
from kit.case import Case, expect, same
from kit.curl import curl
from kit.person import Person
from kit.pki import Ca
from kit.program import SECRETS, secrets_in

REDIRECT = "https://app.example/callback"
BYE = "https://app.example/bye"
PASSWORD = "quince-Ladder 77 harbour"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
# A debug build on a busy machine; the first try comes within seconds otherwise.
WITHIN = 30


class Receiver:
    """Takes logout tokens, at a path for each application. `answers`: statuses of the next replies; then 200."""

    def __init__(self, card):
        self.tokens, self.answers = [], []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                status = receiver.answers.pop(0) if receiver.answers else 200
                if status == 200:
                    receiver.tokens.append((self.path, self.headers["content-type"], form))
                self.send_response(status)
                self.send_header("cache-control", "no-store")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(card.pem, card.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def told(self, many):
        """What has come, when it is so much."""
        begun = time.monotonic()
        while len(self.tokens) < many:
            expect(time.monotonic() - begun < WITHIN, f"{len(self.tokens)} logout tokens instead of {many}")
            time.sleep(0.05)
        told, self.tokens = self.tokens, []
        return told

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class AppLogout(Case):
    has_issuer = True
    config = '[outgoing]\nallow_networks = ["127.0.0.0/8", "::1/128"]\n'

    def test_somebody_logs_in_to_two_applications(self):
        ca = Ca(self.folder, "applications")
        self.receiver = Receiver(ca.issue("localhost", "subjectAltName = DNS:localhost"))
        self.start(env={"SSL_CERT_FILE": str(ca.pem)})
        self.apps = Applications(self.server, self.folder)
        self.apps.person("ann", PASSWORD)
        self.ann = Person(self.server, "ann", PASSWORD)
        self.found = curl(self.server, "GET", "/api/oidc/default/.well-known/openid-configuration").expect(200)
        expect(self.found["backchannel_logout_supported"] and self.found["backchannel_logout_session_supported"], "discovery")
        self.secrets = {
            client: self.apps.create(
                client, redirect_uris=[REDIRECT], scopes=["openid"], consent="skip", algorithm=algorithm, subject_type=subject,
                logout={"back_channel_uri": f"{self.receiver.url}/{client}", "back_channel_session": True, "redirect_uris": [BYE]},
            )
            for client, algorithm, subject in (("shop", "EdDSA", "public"), ("forum", "RS256", "pairwise"))
        }
        self.log_in_everywhere()

    def log_in_everywhere(self):
        self.claims, self.hints = {}, {}
        for client, secret in self.secrets.items():
            session = OAuth2Session(client, secret, scope="openid", redirect_uri=REDIRECT, code_challenge_method="S256")
            verifier = secrets.token_urlsafe(48)
            url, _ = session.create_authorization_url(self.found["authorization_endpoint"], code_verifier=verifier)
            answer = self.ann.visit(url)["at"]
            tokens = session.fetch_token(self.found["token_endpoint"], authorization_response=answer, code_verifier=verifier)
            self.server.secrets.update(secrets_in(dict(tokens), SECRETS))
            self.hints[client] = tokens["id_token"]
            self.claims[client] = jwt.decode(tokens["id_token"], options={"verify_signature": False})

    def judged(self, told):
        """Section 2.6, everything that an application is to check."""
        path, kind, form = told
        client = path.strip("/")
        same((kind.split(";")[0], list(form)), ("application/x-www-form-urlencoded", ["logout_token"]), f"{client}: the request")
        token = form["logout_token"][0]
        self.server.secrets.add(token)
        header = jwt.get_unverified_header(token)
        same(header["typ"], "logout+jwt", f"{client}: typ")
        keys = jwt.PyJWKSet.from_dict(curl(self.server, "GET", "/api/oidc/default/.well-known/jwks").expect(200))
        claims = jwt.decode(
            token, keys[header["kid"]], algorithms=["EdDSA", "RS256"], audience=client, issuer=self.apps.issuer,
            options={"require": ["iss", "aud", "iat", "exp", "jti", "events"], "strict_aud": True},
        )
        same(claims["events"], {EVENT: {}}, f"{client}: events")
        expect("nonce" not in claims, f"{client}: a logout token has no nonce")
        same((claims["sid"], claims["sub"]), (self.claims[client]["sid"], self.claims[client]["sub"]), f"{client}: whose session")
        return client

    def test_both_are_told_when_one_asks_for_it(self):
        query = urllib.parse.urlencode({"id_token_hint": self.hints["shop"], "post_logout_redirect_uri": BYE})
        ended = self.ann.visit(f"{self.found['end_session_endpoint']}?{query}")
        same(ended.get("at"), BYE, "where it leads")
        same({self.judged(told) for told in self.receiver.told(2)}, {"shop", "forum"}, "who was told")

    def test_both_are_told_when_the_account_page_ends_it(self):
        self.log_in_everywhere()
        page = self.ann.browser.open(f"{self.server.site}/ui/default/account")
        self.ann.browser.send(page, next(form for form in page.forms if form.does("logout")))
        same({self.judged(told) for told in self.receiver.told(2)}, {"shop", "forum"}, "who was told")

    def test_one_that_does_not_answer_is_told_again(self):
        self.log_in_everywhere()
        self.receiver.answers = [503, 503]
        self.apps.command("person", "disable", "ann")
        same({self.judged(told) for told in self.receiver.told(2)}, {"shop", "forum"}, "who was told")

    def stop(self):
        super().stop()
        if "receiver" in vars(self):
            self.receiver.stop()
