"""Authlib's session with a certificate: a client that TLS proves (RFC 8705), and tokens that are bound to it."""

import secrets

import jwt
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from kit.applications import Applications
from kit.case import Case, expect, same
from kit.curl import curl
from kit.person import Person
from kit.pki import Ca
from kit.program import SECRETS, secrets_in
from kit.server import TlsServer, free_port

REDIRECT = "https://app.example/callback"
PASSWORD = "quince-Ladder 77 harbour"
CLIENT = ("keyUsage = critical, digitalSignature", "extendedKeyUsage = clientAuth")
CONFIG = """
[http]
public_url = "https://localhost:{port}"
[http.tls]
cert = "{cert}"
key = "{key}"
client_roots = "{root}"
[plugins.trust.stores.applications]
roots = ["{root}"]
crls = ["{crl}"]
[login.oidc]
client_authorities = "applications"
"""


class AppMtls(Case):
    def test_the_server_speaks_tls(self):
        self.ca, servers = Ca(self.folder, "applications"), Ca(self.folder, "servers")
        host = servers.issue("localhost", "subjectAltName = DNS:localhost, IP:127.0.0.1")
        self.shop, self.other = self.ca.issue("shop", *CLIENT), self.ca.issue("other", *CLIENT, kind="rsa")
        self.ca.crl()
        port = free_port()
        config = CONFIG.format(port=port, cert=host.pem, key=host.key, root=self.ca.pem, crl=self.ca.crl_file)
        kind = type("Known", (TlsServer,), {"ca": servers.pem})
        self.servers.append(kind(self.folder / "data", self.folder, config=config, port=port))
        self.apps = Applications(self.server, self.folder)
        found = curl(self.server, "GET", "/api/oidc/default/.well-known/openid-configuration").expect(200)
        same((found["issuer"], found["tls_client_certificate_bound_access_tokens"]), (self.apps.issuer, True), "discovery")
        expect("tls_client_auth" in found["token_endpoint_auth_methods_supported"], "it does not say that it takes certificates")
        self.found = found
        self.apps.person("ann", PASSWORD)
        self.ann = Person(self.server, "ann", PASSWORD)
        self.apps.create(
            "shop", auth_method="tls_client_auth", tls_subject_dn="CN=shop", certificate_bound=True, redirect_uris=[REDIRECT],
            scopes=["openid", "profile", "things.read"], consent="skip",
            grants=["authorization_code", "refresh_token", "client_credentials"],
        )

    def session(self, card=None):
        session = OAuth2Session("shop", token_endpoint_auth_method="none", scope="openid profile", redirect_uri=REDIRECT,
                                code_challenge_method="S256")
        return self.shows(session, card)

    def shows(self, session, card):
        # A CA that the environment names would come before ours.
        session.verify, session.trust_env = str(self.server.ca), False
        session.cert = card and (str(card.pem), str(card.key))
        return session

    def login(self, session):
        verifier = secrets.token_urlsafe(48)
        url, _ = session.create_authorization_url(self.found["authorization_endpoint"], code_verifier=verifier)
        tokens = session.fetch_token(
            self.found["token_endpoint"], authorization_response=self.ann.visit(url)["at"], code_verifier=verifier,
        )
        return self.noted(tokens)

    def noted(self, tokens):
        self.server.secrets.update(secrets_in(dict(tokens), SECRETS))
        return tokens

    def refused(self, action):
        try:
            done = action()
        except OAuthError as error:
            return error.error
        raise AssertionError(f"it is not refused: {list(done)}")

    def userinfo(self, token, card):
        with self.shows(requests.Session(), card) as session:
            return session.get(self.found["userinfo_endpoint"], headers={"Authorization": f"Bearer {token}"})

    def test_its_certificate_logs_somebody_in(self):
        session = self.session(self.shop)
        self.tokens = self.login(session)
        claims = jwt.decode(self.tokens["access_token"], options={"verify_signature": False})
        expect("x5t#S256" in claims["cnf"], f"cnf: {claims}")
        same(self.userinfo(self.tokens["access_token"], self.shop).status_code, 200, "userinfo")
        before = self.tokens["refresh_token"]
        self.tokens = self.noted(session.refresh_token(self.found["token_endpoint"], refresh_token=before))
        expect(self.tokens["refresh_token"] != before, "the refresh token has not changed")

    def test_a_token_is_worth_nothing_without_its_certificate(self):
        for card in (None, self.other):
            said = self.userinfo(self.tokens["access_token"], card)
            same(said.status_code, 401, f"userinfo with {card and card.pem.name}")
            expect("invalid_token" in said.headers["www-authenticate"], said.headers)

    def test_no_other_certificate_is_this_client(self):
        stranger = Ca(self.folder, "strangers").issue("shop", *CLIENT)
        for card in (None, self.other):
            session = self.session(card)
            refresh = lambda: session.refresh_token(self.found["token_endpoint"], refresh_token=self.tokens["refresh_token"])
            same(self.refused(refresh), "invalid_client", f"a refresh with {card and card.pem.name}")
        try:
            reply = self.shows(requests.Session(), stranger).post(
                self.found["token_endpoint"], data={"client_id": "shop", "grant_type": "client_credentials"})
            same(reply.status_code, 401, "the same name of another authority")
        except requests.exceptions.ConnectionError:
            pass  # TLS has refused it already.

    def test_it_gets_tokens_for_itself(self):
        alone = {"grant_type": "client_credentials", "scope": "things.read"}
        tokens = self.noted(self.session(self.shop).fetch_token(self.found["token_endpoint"], **alone))
        same(tokens["scope"], "things.read", "the tokens")
