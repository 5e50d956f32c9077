"""Authlib: the configuration that the command line prints, in a Flask application; and its session for requests, with keys
and every algorithm. PyJWT looks at the ID tokens once more."""

import base64
import hashlib
import json
import secrets
import time
import urllib.parse

import flask
import jwt
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey, OKPKey, RSAKey
from kit.applications import Applications
from kit.case import Case, expect, same
from kit.curl import curl
from kit.otp import totp
from kit.person import Person
from kit.program import SECRETS, secrets_in

SITE = "https://books.example"
REDIRECT = f"{SITE}/auth"
PASSWORD = "quince-Ladder 77 harbour"
# What at_hash is made with, by what the token is signed with; PyJWT has none for EdDSA.
HASHES = {"RS256": "sha256", "ES256": "sha256", "EdDSA": "sha512"}


class AppAuthlib(Case):
    has_issuer = True
    config = '[login.policy]\nsecond = ["totp"]\n'

    def test_the_printed_configuration_works_as_it_is(self):
        self.apps = Applications(self.server, self.folder)
        self.apps.person("ann", PASSWORD, name="Ann Example", email="ann@example.org")
        self.ann = Person(self.server, "ann", PASSWORD)
        self.issuer = self.apps.issuer
        self.server_said = curl(self.server, "GET", "/api/oidc/default/.well-known/openid-configuration").expect(200)
        printed = self.apps.command("client", "add", "Books", "--for", "authlib", "--url", SITE)
        app = flask.Flask("books")
        app.secret_key = secrets.token_urlsafe()
        names = {"app": app}
        exec(compile(printed, "printed", "exec"), names)
        books = names["oauth"].gatewright
        self.server.secrets.add(books.client_secret)
        app.add_url_rule("/login", view_func=lambda: books.authorize_redirect(REDIRECT), endpoint="login")
        app.add_url_rule("/auth", view_func=lambda: dict(books.authorize_access_token()["userinfo"]), endpoint="auth")
        with app.test_client() as browser:
            sent = browser.get("/login", base_url=SITE)
            same(sent.status_code, 302, "the login")
            answer = browser.get(self.ann.visit(sent.location)["at"], base_url=SITE)
            same(answer.status_code, 200, f"the callback: {answer.text[:500]}")
        self.ann.asked("begin", "answer", "agree")
        same((answer.json["iss"], answer.json["acr"]), (self.issuer, "aal1"), "the ID token")
        self.sub = answer.json["sub"]

    def session(self, client, secret, method="client_secret_basic", scope="openid email", **more):
        session = OAuth2Session(
            client, secret, token_endpoint_auth_method=method, scope=scope, redirect_uri=REDIRECT,
            code_challenge_method="S256", **more,
        )
        if method == "private_key_jwt":
            # Authlib's assertions last an hour where nobody says otherwise; here ten minutes are the most.
            class Short(PrivateKeyJWT):
                def sign(self, auth, token_endpoint):
                    self.claims = {"exp": int(time.time()) + 300}
                    return super().sign(auth, token_endpoint)
            session.register_client_auth_method(Short(self.server_said["token_endpoint"], alg=more["alg"]))
        return session

    def login(self, session, person=None, **parameters):
        """The tokens, and the nonce that the ID token must have."""
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe()
        url, _ = session.create_authorization_url(
            self.server_said["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **parameters,
        )
        ended = (person or self.ann).visit(url)
        expect("at" in ended, f"no answer, but {ended}")
        tokens = session.fetch_token(
            self.server_said["token_endpoint"], authorization_response=ended["at"], code_verifier=verifier,
        )
        self.note(tokens)
        return tokens, nonce

    def note(self, tokens):
        self.server.secrets.update(secrets_in(dict(tokens), SECRETS))

    def judged(self, tokens, client, algorithm, nonce=None):
        """The claims of an ID token, after everything that a client is to check."""
        token = tokens["id_token"]
        header = jwt.get_unverified_header(token)
        same((header["alg"], header.get("typ")), (algorithm, "JWT"), "the header")
        keys = jwt.PyJWKSet.from_dict(curl(self.server, "GET", "/api/oidc/default/.well-known/jwks").expect(200))
        claims = jwt.decode(
            token, keys[header["kid"]], algorithms=[algorithm], audience=client, issuer=self.issuer,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "acr", "amr", "at_hash", "sid"], "strict_aud": True},
        )
        same(claims.get("nonce"), nonce, "nonce")
        digest = hashlib.new(HASHES[algorithm], tokens["access_token"].encode()).digest()
        half = base64.urlsafe_b64encode(digest[:len(digest) // 2]).decode().rstrip("=")
        same(claims["at_hash"], half, "at_hash")
        return claims

    def make(self, client, algorithm="EdDSA", **settings):
        usual = {
            "auth_method": "client_secret_basic", "redirect_uris": [REDIRECT], "consent": "skip", "algorithm": algorithm,
            "scopes": ["openid", "email", "profile", "offline_access", "books.read"],
            "grants": ["authorization_code", "refresh_token", "client_credentials"],
        }
        return self.apps.create(client, **usual | settings)

    def test_id_tokens_of_each_algorithm_are_good(self):
        for algorithm in HASHES:
            client = f"books-{algorithm.lower()}"
            secret = self.make(client, algorithm)
            session = self.session(client, secret)
            tokens, nonce = self.login(session)
            claims = self.judged(tokens, client, algorithm, nonce)
            same((claims["sub"], claims["amr"]), (self.sub, ["pwd"]), f"{algorithm}: the claims")
            said = session.get(self.server_said["userinfo_endpoint"]).json()
            same((said["sub"], said["email"]), (self.sub, "ann@example.org"), f"{algorithm}: userinfo")
            before = tokens["refresh_token"]
            tokens = session.refresh_token(self.server_said["token_endpoint"], refresh_token=before)
            self.note(tokens)
            again = self.judged(tokens, client, algorithm)
            expect(tokens["refresh_token"] != before, f"{algorithm}: the refresh token has not changed")
            # OpenID Connect Core, section 12.2.
            for name in ("iss", "sub", "aud", "sid"):
                same(again[name], claims[name], f"{algorithm}: {name} of a refresh")
            expect(again["iat"] >= claims["iat"], f"{algorithm}: iat of a refresh")
            answer = session.introspect_token(self.server_said["introspection_endpoint"], token=tokens["access_token"])
            same(answer.json()["active"], True, f"{algorithm}: introspection")
            session.revoke_token(self.server_said["revocation_endpoint"], token=tokens["access_token"])
            answer = session.introspect_token(self.server_said["introspection_endpoint"], token=tokens["access_token"])
            same(answer.json(), {"active": False}, f"{algorithm}: introspection of what was revoked")

    def test_a_client_gets_tokens_for_itself(self):
        secret = self.make("batch")
        session = self.session("batch", secret, scope="books.read")
        tokens = session.fetch_token(self.server_said["token_endpoint"], grant_type="client_credentials")
        self.note(tokens)
        same((tokens["token_type"], tokens["scope"], "id_token" in tokens, "refresh_token" in tokens),
             ("Bearer", "books.read", False, False), "the tokens")

    def test_a_client_proves_itself_with_a_key(self):
        keys = {
            "RS256": RSAKey.generate_key(2048, {"use": "sig", "kid": "1", "alg": "RS256"}, private=True),
            "ES256": ECKey.generate_key("P-256", {"use": "sig", "kid": "1", "alg": "ES256"}, private=True),
            "EdDSA": OKPKey.generate_key("Ed25519", {"use": "sig", "kid": "1", "alg": "EdDSA"}, private=True),
        }
        for algorithm, key in keys.items():
            client = f"keyed-{algorithm.lower()}"
            self.make(client, auth_method="private_key_jwt", jwks={"keys": [key.as_dict(private=False)]})
            session = self.session(client, key, "private_key_jwt", alg=algorithm)
            tokens, nonce = self.login(session)
            self.judged(tokens, client, "EdDSA", nonce)
            self.note(session.refresh_token(self.server_said["token_endpoint"], refresh_token=tokens["refresh_token"]))

    def test_an_assertion_that_lasts_an_hour_is_refused(self):
        key = ECKey.generate_key("P-256", {"use": "sig"}, private=True)
        self.make("long", auth_method="private_key_jwt", jwks={"keys": [key.as_dict(private=False)]})
        session = OAuth2Session("long", key, token_endpoint_auth_method="private_key_jwt", scope="books.read")
        session.register_client_auth_method(PrivateKeyJWT(self.server_said["token_endpoint"], alg="ES256"))
        try:
            tokens = session.fetch_token(self.server_said["token_endpoint"], grant_type="client_credentials")
        except OAuthError as error:
            same(error.error, "invalid_client", "the refusal")
        else:
            expect(False, f"it is taken: {list(tokens)}")

    def test_pairwise_subjects_are_one_a_sector(self):
        subs = {}
        places = {"one": "https://a.example/cb", "two": "https://a.example/other", "three": "https://b.example/cb"}
        for client, uri in places.items():
            secret = self.make(client, subject_type="pairwise", redirect_uris=[uri])
            session = self.session(client, secret)
            session.redirect_uri = uri
            tokens, nonce = self.login(session)
            claims = self.judged(tokens, client, "EdDSA", nonce)
            said = session.get(self.server_said["userinfo_endpoint"]).json()
            inner = jwt.decode(tokens["access_token"], options={"verify_signature": False})
            same((said["sub"], inner["sub"]), (claims["sub"], claims["sub"]), f"{client}: the names of userinfo and access token")
            subs[client] = claims["sub"]
        same(subs["one"], subs["two"], "in one sector")
        same(len({self.sub, subs["one"], subs["three"]}), 3, "names outside of it")

    def test_auth_time_is_told_where_it_is_asked_for(self):
        secret = self.make("timed", default_max_age=3600)
        begun = time.time()
        tokens, nonce = self.login(self.session("timed", secret))
        by_default = self.judged(tokens, "timed", "EdDSA", nonce)
        secret = self.make("asking")
        session = self.session("asking", secret)
        tokens, nonce = self.login(session, max_age="1000")
        claims = self.judged(tokens, "asking", "EdDSA", nonce)
        same(claims["auth_time"], by_default["auth_time"], "auth_time, for a client that always asks and a request that does")
        expect(begun - 300 < claims["auth_time"] < begun + 1, f"auth_time: {claims['auth_time']} at {begun}")
        wish = json.dumps({"id_token": {"auth_time": {"essential": True}, "email": None}})
        tokens, nonce = self.login(session, claims=wish)
        claims = self.judged(tokens, "asking", "EdDSA", nonce)
        same((claims["auth_time"], claims["email"]), (by_default["auth_time"], "ann@example.org"),
             "claims that are asked for one by one")

    def test_two_factors_are_another_level(self):
        self.ann.seed, self.ann.moment = self.enrol_app(), "now + 30 seconds"
        secret = self.make("vault", default_acr="aal2")
        tokens, nonce = self.login(self.session("vault", secret))
        claims = self.judged(tokens, "vault", "EdDSA", nonce)
        same((claims["acr"], set(claims["amr"])), ("aal2", {"pwd", "otp", "mfa"}), "a client that asks for more")
        expect("answer" in self.ann.did, f"she was asked for nothing: {self.ann.did}")
        session = self.session("asking-more", self.make("asking-more"))
        tokens, nonce = self.login(session, acr_values="aal2 aal1")
        same(self.judged(tokens, "asking-more", "EdDSA", nonce)["acr"], "aal2", "acr_values that are reached")
        same(self.ann.did, [], "nobody is asked for what is reached")

    def enrol_app(self):
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": "ann"}).expect(200)
        body = {"transaction": begun["transaction"], "answer": {"password": PASSWORD}}
        token = curl(self.server, "POST", "/auth/v1/login/password", body).expect(200)["access_token"]
        invited = curl(self.server, "POST", "/auth/v1/enrol/totp", {}, bearer=token).expect(200)
        seed = invited["invitation"]["secret_base32"]
        proof = {"transaction": invited["transaction"], "proof": {"code": totp(seed)}}
        curl(self.server, "POST", "/auth/v1/enrol/totp/complete", proof, bearer=token).expect(200)
        return seed

    def test_a_session_that_is_too_weak_is_no_answer_to_prompt_none(self):
        bob = self.weak()
        session = self.session("weak", self.make("weak"))
        self.login(session, bob)
        url, _ = session.create_authorization_url(
            self.server_said["authorization_endpoint"], code_verifier=secrets.token_urlsafe(48), prompt="none",
            claims=json.dumps({"id_token": {"acr": {"essential": True, "values": ["aal2"]}}}),
        )
        answer = urllib.parse.parse_qs(urllib.parse.urlsplit(bob.visit(url)["at"]).query)
        same(answer["error"], ["interaction_required"], "the answer")
        same(answer["iss"], [self.issuer], "its issuer (RFC 9207)")

    def weak(self):
        self.apps.person("bob", PASSWORD + "bob")
        return Person(self.server, "bob", PASSWORD + "bob")
