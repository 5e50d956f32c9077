"""oauth4webapi, which takes nothing that the RFCs don't allow: an application, and an API that judges its tokens."""

import base64

from kit.applications import Applications
from kit.case import Case, expect, same
from kit.person import Person
from kit.program import Program

REDIRECT = "https://app.example/callback"
API = "https://api.example/"
PASSWORD = "quince-Ladder 77 harbour"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
EVERYTHING = ["authorization_code", "refresh_token", "client_credentials"]


class AppOauth4webapi(Case):
    has_issuer = True

    def test_both_documents_say_the_same(self):
        self.apps = Applications(self.server, self.folder)
        self.apps.person("ann", PASSWORD, email="ann@example.org")
        self.ann = Person(self.server, "ann", PASSWORD)
        self.app = Program(self.server, "app_oauth4webapi.mjs", self.ann)
        found = self.app.do("discover", issuer=self.apps.issuer)
        same(found["oauth2"], found["oidc"], "the document of RFC 8414")
        self.found = found["oidc"]

    def make(self, client, post=False, signs=False, algorithm="EdDSA", **settings):
        """A client that may do everything and asks nobody."""
        method = "private_key_jwt" if signs else "client_secret_post" if post else "client_secret_basic"
        jwks = {"jwks": self.app.do("key", client=client, algorithm=signs)} if signs else {}
        usual = {
            "auth_method": method, "redirect_uris": [REDIRECT], "scopes": ["openid", "email", "offline_access", "things.read"],
            "grants": EVERYTHING, "resources": [API, "https://other.example/"], "consent": "skip", "algorithm": algorithm,
        }
        secret = self.apps.create(client, **usual | jwks | settings)
        self.app.do("client", client=client, secret=secret, post=post, signs=bool(signs), id_token_signed_response_alg=algorithm)
        return secret

    def test_somebody_logs_in_with_each_algorithm(self):
        for client, algorithm in (("eddsa", "EdDSA"), ("es256", "ES256"), ("rs256", "RS256")):
            self.make(client, post=client == "es256", algorithm=algorithm)
            tokens = self.app.do("login", client=client, scope="openid email offline_access")
            same((tokens["claims"]["aud"], tokens["cached"]), (client, "no-store"), f"{client}: the tokens")
            same(self.app.do("userinfo", client=client)["email"], "ann@example.org", f"{client}: userinfo")
            again = self.app.do("refresh", client=client, scope="openid")
            same((again["scope"], again["claims"]["sub"]), ("openid", tokens["claims"]["sub"]), f"{client}: a refresh for less")
        self.sub = tokens["claims"]["sub"]

    def test_an_api_judges_tokens_by_the_keys_alone(self):
        for client in ("eddsa", "es256", "rs256"):
            token = self.app.do("itself", client=client, scope="things.read", resource=API)["access_token"]
            claims = self.app.do("judge", token=token, audience=API)
            same((claims["sub"], claims["client_id"], claims["scope"]), (client, client, "things.read"), f"{client}: the claims")
            said = self.app.ask("judge", token=token, audience="https://other.example/")
            expect("failed" in said, f"{client}: an API takes a token that is for another")

    def test_a_token_of_somebody_says_how_they_logged_in(self):
        token = self.app.do("login", client="es256", resource=API)["access_token"]
        claims = self.app.do("judge", token=token, audience=API)
        same((claims["sub"], claims["acr"], claims["amr"]), (self.sub, "aal1", ["pwd"]), "RFC 9068, section 2.2.1")
        # It is for that API alone.
        same(self.app.refused("userinfo", client="es256", token=token), "invalid_token", "userinfo")

    def test_an_id_token_is_no_access_token(self):
        tokens = self.app.do("login", client="es256")
        said = self.app.ask("judge", token=tokens["id_token"], audience="es256")
        expect("failed" in said, "an API takes an ID token")
        same(self.app.refused("userinfo", client="es256", token=tokens["id_token"]), "invalid_token", "userinfo")
        same(self.app.do("introspect", client="es256", token=tokens["id_token"]), {"active": False}, "introspection")

    def test_requests_are_pushed_signed_and_both(self):
        self.make("strict", signs="ES256", require_pushed_requests=True)
        self.app.do("login", client="strict", pushed=True)
        same(self.app.refused("login", client="strict"), "invalid_request", "one that is not pushed")
        self.make("signer", signs="Ed25519", require_signed_requests=True)
        self.app.do("login", client="signer", signed=True)
        self.app.do("login", client="signer", signed=True, pushed=True)
        same(self.app.refused("login", client="signer"), "invalid_request_object", "one that is not signed")

    def test_tokens_are_bound_to_a_key(self):
        self.make("bound", dpop_bound=True)
        for pushed in (False, True):
            tokens = self.app.do("login", client="bound", bound="ES256", pushed=pushed, resource=API)
            claims = self.app.do("judge", client="bound", token=tokens["access_token"], audience=API)
            expect("jkt" in claims["cnf"], f"cnf: {claims}")
            stolen = self.app.ask("judge", token=tokens["access_token"], audience=API)
            expect("failed" in stolen, "an API takes a bound token without a proof")
            self.app.do("refresh", client="bound")
        alone = self.app.do("itself", client="bound", bound="Ed25519", resource=API)
        self.app.do("judge", client="bound", token=alone["access_token"], audience=API)
        same(self.app.refused("itself", client="bound"), "invalid_dpop_proof", "a request without a proof")

    def test_codes_are_bound(self):
        for what, mistake in (
            ("without the verifier", {"verifier": "none"}), ("with another", {"verifier": "other"}),
            ("for another address", {"redirect": "https://app.example/other"}), ("of another client", {"other": "eddsa"}),
        ):
            same(self.app.refused("mistaken", client="es256", **mistake), "invalid_grant", f"a code {what}")

    def test_opaque_tokens_are_for_this_server_to_judge(self):
        self.make("opaque", access_token="opaque")
        token = self.app.do("itself", client="opaque", scope="things.read")["access_token"]
        expect("." not in token, f"it looks signed: {token}")
        told = self.app.do("introspect", client="opaque", token=token)
        same((told["active"], told["scope"], told["client_id"]), (True, "things.read", "opaque"), "introspection")
        self.app.do("revoke", client="opaque", token=token)
        same(self.app.do("introspect", client="opaque", token=token), {"active": False}, "after the revocation")

    def test_a_signed_token_that_is_revoked_is_inactive_here(self):
        token = self.app.do("itself", client="eddsa")["access_token"]
        same(self.app.do("introspect", client="eddsa", token=token)["active"], True, "before")
        self.app.do("revoke", client="eddsa", token=token)
        same(self.app.do("introspect", client="eddsa", token=token), {"active": False}, "after")

    def test_a_device_asks_until_somebody_was_there(self):
        self.make("tv", post=True, grants=["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"], redirect_uris=[])
        shown = self.app.do("device", client="tv", scope="openid email")
        code = {"client": "tv", "device_code": shown["device_code"]}
        same(self.app.refused("poll", **code), "authorization_pending", "before anybody is there")
        same(self.app.refused("poll", **code), "slow_down", "at once again")
        self.app.do("visit", url=shown["verification_uri_complete"])
        self.ann.asked("device", "allow-device")
        other = code | {"device_code": shown["device_code"][:-4] + "AAAA"}
        same(self.app.refused("poll", **other), "invalid_grant", "another code")
        same(self.app.do("poll", **code)["claims"]["sub"], self.sub, "afterwards")
        same(self.app.refused("poll", **code), "invalid_grant", "a code that is spent")

    def test_an_api_calls_another_for_somebody(self):
        # Its name has a colon, which a header must not split it at.
        gateway = "urn:gateway"
        self.make("front", resources=[gateway])
        self.make(gateway, grants=["client_credentials", EXCHANGE], redirect_uris=[], resources=[API])
        self.make("stranger", grants=["client_credentials", EXCHANGE], redirect_uris=[])
        token = self.app.do("login", client="front", scope="openid things.read", resource=gateway)["access_token"]
        wish = {"subject_token": token, "subject_token_type": ACCESS_TOKEN, "resource": API, "scope": "things.read"}
        made = self.app.do("exchange", client=gateway, **wish)
        same((made["issued_token_type"], "refresh_token" in made), (ACCESS_TOKEN, False), "what comes out")
        claims = self.app.do("judge", token=made["access_token"], audience=API)
        same((claims["sub"], claims["client_id"], claims["scope"]), (self.sub, gateway, "things.read"), "its claims")
        actor = self.app.do("itself", client=gateway)["access_token"]
        made = self.app.do("exchange", client=gateway, **wish, actor_token=actor, actor_token_type=ACCESS_TOKEN)
        same(self.app.do("judge", token=made["access_token"], audience=API)["act"]["sub"], gateway, "who acts")
        same(self.app.refused("exchange", client="stranger", **wish), "invalid_request", "whom the token is not for")
        same(self.app.refused("exchange", client=gateway, **wish | {"scope": "openid email"}), "invalid_scope", "for more")

    def refused(self, expected, status, *twice, headers=None, **form):
        pairs = [*form.items(), *twice]
        reply = self.app.do("raw", endpoint="token_endpoint", form=pairs, headers=headers or {})
        same((reply["status"], reply["body"].get("error")), (status, expected), f"{form}: {reply}")
        return reply

    def test_mistakes_are_called_by_their_name(self):
        secret = self.make("clumsy", post=True)
        who = {"client_id": "clumsy", "client_secret": secret}
        alone = who | {"grant_type": "client_credentials"}
        self.refused("invalid_request", 400, ("scope", "things.read"), **alone, scope="things.read")
        self.refused("unsupported_grant_type", 400, **who, grant_type="password", username="ann", password="nothing")
        self.refused("unauthorized_client", 400, **who, grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code="x")
        self.refused("invalid_scope", 400, **alone, scope="things.write")
        self.refused("invalid_target", 400, **alone, resource="https://nowhere.example/")
        self.refused("invalid_grant", 400, **who, grant_type="refresh_token", refresh_token="gwr_AAAA")
        self.refused("invalid_grant", 400, **who, grant_type="authorization_code", code="gwc_AAAA", redirect_uri=REDIRECT,
                     code_verifier="v" * 43)
        self.refused("invalid_client", 401, **alone | {"client_secret": "wrong"})
        self.refused("invalid_client", 401, **alone | {"client_id": "nobody"})
        basic = base64.b64encode(b"clumsy:wrong").decode()
        reply = self.refused("invalid_client", 401, headers={"authorization": f"Basic {basic}"}, grant_type="client_credentials")
        expect(reply["headers"].get("www-authenticate", "").startswith("Basic"), f"RFC 6749, section 5.2: {reply['headers']}")
        # It is registered for the form, and shows its secret in the header.
        basic = base64.b64encode(f"clumsy:{secret}".encode()).decode()
        self.refused("invalid_client", 401, headers={"authorization": f"Basic {basic}"}, grant_type="client_credentials")

    def stop(self):
        if "app" in vars(self):
            self.app.stop()
        super().stop()
