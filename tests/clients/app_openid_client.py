"""openid-client, the most used client library of Node, against everything that a provider offers."""

import json
import time
import urllib.parse

from kit.applications import Applications
from kit.case import Case, expect, same
from kit.curl import curl
from kit.person import Person
from kit.program import Program

REDIRECT = "https://app.example/callback"
BYE = "https://app.example/bye"
PASSWORD = "quince-Ladder 77 harbour"


class AppOpenidClient(Case):
    has_issuer = True
    config = '[login.oidc]\nregistration = "token"\n'

    def discover(self, client, **how):
        return self.app.do("discover", issuer=self.apps.issuer, client=client, **how)

    def test_a_client_is_registered_and_finds_everything(self):
        self.apps = Applications(self.server, self.folder)
        self.apps.person("ann", PASSWORD, name="Ann Example", email="ann@example.org")
        self.ann = Person(self.server, "ann", PASSWORD)
        self.app = Program(self.server, "app_openid_client.mjs", self.ann)
        places = ("--redirect-uri", REDIRECT, "--post-logout-uri", BYE)
        secret = self.apps.add("shop", *places)
        found = self.discover("shop", secret=secret)
        same(found["issuer"], self.apps.issuer, "the issuer")
        missing = [name for name in (
            "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "introspection_endpoint",
            "revocation_endpoint", "pushed_authorization_request_endpoint", "device_authorization_endpoint",
            "end_session_endpoint", "registration_endpoint",
        ) if name not in found]
        same(missing, [], "what is not said")

    def test_somebody_logs_in_and_agrees(self):
        tokens = self.app.do("login", client="shop")
        self.ann.asked("begin", "answer", "agree")
        same((tokens["token_type"], tokens["scope"]), ("bearer", "openid profile email"), "the tokens")
        claims = tokens["claims"]
        same((claims["iss"], claims["aud"], claims["acr"], claims["amr"]),
             (self.apps.issuer, "shop", "aal1", ["pwd"]), "the ID token")
        self.sub = claims["sub"]

    def test_userinfo_says_what_was_agreed_to(self):
        found = self.app.do("userinfo", client="shop")
        same((found["sub"], found["name"], found["email"], found["preferred_username"]),
             (self.sub, "Ann Example", "ann@example.org", "ann"), "userinfo")

    def test_the_second_time_nobody_is_asked(self):
        same(self.app.do("login", client="shop", prompt="none")["claims"]["sub"], self.sub, "the same person")
        self.ann.asked()

    def test_an_answer_comes_by_a_form_too(self):
        self.app.do("login", client="shop", response_mode="form_post")

    def test_who_must_log_in_again_does_so(self):
        before = self.app.do("login", client="shop", max_age="1000")["claims"]["auth_time"]
        self.ann.asked()
        time.sleep(1.1)  # Of these moments the protocol knows whole seconds.
        for parameters in ({"prompt": "login", "max_age": "1000"}, {"max_age": "0"}):
            claims = self.app.do("login", client="shop", **parameters)["claims"]
            self.ann.asked("begin", "answer")
            expect(claims["auth_time"] > before, f"auth_time {claims['auth_time']} after {before}")

    def test_a_code_that_comes_twice_ends_what_the_first_gave(self):
        token = self.app.do("login", client="shop")["access_token"]
        same(self.app.do("introspect", client="shop", token=token)["active"], True, "before")
        same(self.app.refused("replay", client="shop"), "invalid_grant", "the code again")
        same(self.app.do("introspect", client="shop", token=token), {"active": False}, "after")
        same(self.app.refused("userinfo", client="shop"), "invalid_token", "userinfo after")

    def test_a_pushed_request_is_good_once(self):
        self.app.do("login", client="shop", pushed=True)
        same(self.app.do("again", client="shop")["status"], 400, "its request_uri again")

    def test_a_person_may_say_no(self):
        bob = self.stranger("bob", agrees=False)
        said = self.app.ask("login", client="shop", person=bob)
        same(said["failed"]["error"], "access_denied", "the answer")
        bob.asked("begin", "answer", "deny")

    def stranger(self, username, **how):
        self.apps.person(username, PASSWORD + username)
        return Person(self.server, username, PASSWORD + username, **how)

    def test_who_is_not_there_is_not_shown_a_page(self):
        said = self.app.ask("login", client="shop", prompt="none", person=Person(self.server, "ann", PASSWORD))
        same(said["failed"]["error"], "login_required", "the answer")

    def test_refresh_tokens_rotate_and_one_that_comes_again_ends_them_all(self):
        first = self.app.do("login", client="shop", scope="openid offline_access", prompt="consent")
        expect("offline_access" in first["scope"], f"scope: {first['scope']}")
        second = self.app.do("refresh", client="shop")
        expect(second["refresh_token"] != first["refresh_token"], "the token has not changed")
        same(second["claims"]["sub"], self.sub, "the ID token of a refresh")
        third = self.app.do("refresh", client="shop")
        same(self.app.refused("refresh", client="shop", token=first["refresh_token"]), "invalid_grant", "the first again")
        for token in (third["refresh_token"], second["refresh_token"]):
            same(self.app.refused("refresh", client="shop", token=token), "invalid_grant", "one of the family")
        same(self.app.do("introspect", client="shop", token=third["access_token"]), {"active": False}, "its access token")

    def test_what_is_revoked_is_worth_nothing(self):
        tokens = self.app.do("login", client="shop")
        alive = self.app.do("introspect", client="shop", token=tokens["access_token"])
        same((alive["active"], alive["sub"], alive["client_id"], alive["token_type"]),
             (True, self.sub, "shop", "Bearer"), "before")
        self.app.do("revoke", client="shop", token=tokens["refresh_token"])
        same(self.app.refused("refresh", client="shop"), "invalid_grant", "the refresh token")
        same(self.app.do("introspect", client="shop", token=tokens["access_token"]), {"active": False}, "its access token")
        # Nobody learns whether there ever was such a token.
        self.app.do("revoke", client="shop", token="gwr_nothing")

    def test_another_client_learns_nothing_of_a_token(self):
        self.discover("other", secret=self.apps.add("other", "--redirect-uri", REDIRECT, "--skip-consent"))
        self.app.do("login", client="other")
        tokens = self.app.do("login", client="shop")
        same(self.app.do("introspect", client="other", token=tokens["refresh_token"]), {"active": False}, "introspection")
        same(self.app.refused("refresh", client="other", token=tokens["refresh_token"]), "invalid_grant", "a refresh")
        self.app.ask("revoke", client="other", token=tokens["refresh_token"])
        self.app.do("refresh", client="shop")

    def test_a_page_that_keeps_no_secret_logs_people_in(self):
        self.apps.add("page", "--public", "--skip-consent", "--redirect-uri", REDIRECT)
        self.discover("page")
        self.app.do("login", client="page")
        self.app.do("refresh", client="page")
        same(self.app.refused("itself", client="page"), "unauthorized_client", "tokens for itself")

    def test_tokens_are_bound_to_a_key(self):
        for algorithm in ("ES256", "Ed25519", "RS256"):
            tokens = self.app.do("login", client="page", bound=algorithm, pushed=algorithm == "ES256")
            same(tokens["token_type"], "dpop", f"{algorithm}: how they are shown")
            same(self.app.do("userinfo", client="page")["sub"], self.sub, f"{algorithm}: userinfo with a proof")
            same(self.app.refused("userinfo", client="page", plain=True), "invalid_token", f"{algorithm}: without one")
            refused = self.app.refused("refresh", client="page", token=tokens["refresh_token"], other=True)
            same(refused, "invalid_grant", f"{algorithm}: a refresh with another key")
            same(self.app.do("refresh", client="page")["token_type"], "dpop", f"{algorithm}: a refresh with the key")

    def test_a_client_proves_itself_with_a_key(self):
        for client, algorithm in (("ec", "ES256"), ("ed", "Ed25519"), ("rsa", "PS256")):
            jwks = self.app.do("key", client=client, algorithm=algorithm)
            self.apps.create(
                client, auth_method="private_key_jwt", jwks=jwks, redirect_uris=[REDIRECT],
                scopes=["openid", "profile", "email", "things.read"],
                grants=["authorization_code", "refresh_token", "client_credentials"], consent="skip", algorithm="ES256",
            )
            self.discover(client, signs=True)
            same(self.app.do("login", client=client)["claims"]["aud"], client, f"{client}: a login")
            self.app.do("refresh", client=client)
            alone = self.app.do("itself", client=client, scope="things.read")
            same(self.app.do("introspect", client=client, token=alone["access_token"])["sub"], client, f"{client}: itself")

    def test_a_request_is_signed(self):
        # The parameters that are not signed don't count: the person comes back all the same.
        same(self.app.do("login", client="ec", signed=True)["claims"]["sub"], self.sub, "a signed request")

    def test_a_device_waits_for_somebody(self):
        self.apps.add("tv", "--device", "--public")
        self.discover("tv")
        tokens = self.app.do("device", client="tv", scope="openid profile offline_access")
        self.ann.asked("device", "allow-device")
        same(tokens["claims"]["sub"], self.sub, "who it is for")
        expect("refresh_token" in tokens, "no refresh token")
        no = Person(self.server, "ann", PASSWORD, agrees=False)
        same(self.app.ask("device", client="tv", scope="openid", person=no)["failed"]["error"], "access_denied", "a no")
        no.asked("begin", "answer", "device", "deny-device")

    def test_a_client_registers_itself_and_looks_after_itself(self):
        # Of its own accord the library shows the secret in the form, and does not say so.
        metadata = {
            "client_name": "Itself", "redirect_uris": [REDIRECT], "scope": "openid email",
            "token_endpoint_auth_method": "client_secret_post",
        }
        said = self.app.ask("register", issuer=self.apps.issuer, token="gwt_nobody", metadata=metadata)
        expect("failed" in said, "anybody registers a client")
        made = self.app.do("register", issuer=self.apps.issuer, token=self.apps.bearer(), metadata=metadata)
        uri, token = made["registration_client_uri"], made["registration_access_token"]
        person = self.app.do("login", client=made["client_id"], scope="openid email")
        self.ann.asked("agree")
        same(person["claims"]["aud"], made["client_id"], "a login")
        shown = self.app.do("manage", uri=uri, token=token, method="GET")
        same((shown["status"], shown["body"]["client_name"]), (200, "Itself"), "what it is told of itself")
        change = metadata | {"client_id": made["client_id"], "client_name": "Itself, changed"}
        changed = self.app.do("manage", uri=uri, token=token, method="PUT", body=change)
        same((changed["status"], changed["body"]["client_name"]), (200, "Itself, changed"), "after a change")
        token = changed["body"].get("registration_access_token", token)
        same(self.app.do("manage", uri=uri, token=token, method="DELETE")["status"], 204, "its end")
        same(self.app.do("manage", uri=uri, token=token, method="GET")["status"], 401, "after its end")

    def test_a_logout_ends_the_session(self):
        self.app.do("login", client="shop")
        kept = self.app.do("login", client="shop", scope="openid offline_access", prompt="consent")
        ended = self.app.do("logout", client="shop", state="s t&a")
        back = urllib.parse.urlsplit(ended.get("at", ""))
        same((back._replace(query="").geturl(), urllib.parse.parse_qs(back.query)), (BYE, {"state": ["s t&a"]}), "where it leads")
        said = self.app.ask("login", client="shop", prompt="none")
        same(said["failed"]["error"], "login_required", "the session")
        same(self.app.do("introspect", client="shop", token=kept["refresh_token"])["active"], True, "what was to outlive it")
        self.app.do("login", client="shop")
        self.ann.asked("begin", "answer")

    def test_a_logout_that_anybody_could_ask_for_is_asked_about(self):
        self.ann.agrees = False
        self.app.do("logout", client="shop", state="s", hinted=False)
        self.app.do("login", client="shop", prompt="none")
        self.ann.agrees = True
        ended = self.app.do("logout", client="shop", state="s", hinted=False)
        self.ann.asked("logout")
        same(ended.get("at"), f"{BYE}?state=s", "where it leads")
        same(self.app.ask("login", client="shop", prompt="none")["failed"]["error"], "login_required", "the session")

    def test_the_audit_log_knows_of_it(self):
        log = curl(self.server, "GET", "/auth/v1/audit?limit=200", bearer=self.apps.bearer()).expect(200)
        log = json.dumps(log)
        for word in ("refresh_token_used_twice", "code_used_twice"):
            expect(word in log, f"no {word} in the audit log")

    def stop(self):
        if "app" in vars(self):
            self.app.stop()
        super().stop()
