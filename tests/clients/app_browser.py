"""oidc-client-ts in Chromium: a page of another origin logs people in, in its own window, in a popup and in a frame."""

import base64
import urllib.parse

from kit.applications import Applications
from kit.case import Case, expect, same
from kit.pki import Ca
from kit.program import Program

PASSWORD = "quince-Ladder 77 harbour"


class AppBrowser(Case):
    has_issuer = True

    def test_the_printed_configuration_is_that_of_a_page(self):
        self.apps = Applications(self.server, self.folder)
        self.app = Program(self.server, "app_browser.mjs", None)
        card = Ca(self.folder, "applications").issue("localhost", "subjectAltName = DNS:localhost")
        port, frames = self.app.do("start", cert=str(card.pem), key=str(card.key))
        # Of the same site as the provider, and of another.
        self.near, self.far = f"http://localhost:{port}", f"http://127.0.0.1:{port}"
        self.frames = f"https://localhost:{frames}"
        self.apps.person("ann", PASSWORD, name="Ann Example", email="ann@example.org")
        self.ann = {"username": "ann", "password": PASSWORD}
        self.app.do("settings", text=self.apps.command(
            "client", "add", "Page", "--client-id", "page", "--for", "oidc-client-ts",
            "--redirect-uri", f"{self.near}/callback", "--redirect-uri", f"{self.far}/callback",
            "--post-logout-uri", f"{self.near}/bye", "--post-logout-uri", f"{self.far}/bye",
        ))

    def logged_in(self, seen, **expected):
        expect("user" in seen, f"nobody is logged in: {seen} {self.app.do('complaints')}")
        for name, value in expected.items():
            same(seen["user"]["profile"].get(name), value, name)
        return seen["user"]

    def test_a_page_sends_somebody_to_log_in(self):
        self.app.do("profile")
        user = self.logged_in(self.app.do("redirect", origin=self.near, how="printed", who=self.ann), aud="page")
        same(user["token_type"], "Bearer", "the tokens")

    def test_it_reads_userinfo_from_another_site_too(self):
        self.app.do("profile")
        self.logged_in(self.app.do("redirect", origin=self.far, who=self.ann), name="Ann Example", email="ann@example.org")

    def test_a_popup_logs_in(self):
        for origin in (self.near, self.far):
            self.app.do("profile")
            self.logged_in(self.app.do("popup", origin=origin, who=self.ann), name="Ann Example")
            # Nobody is asked any more: the popup comes and goes.
            self.logged_in(self.app.do("popup", origin=origin, who=self.ann), name="Ann Example")

    def test_a_refresh_token_renews_silently_wherever_the_page_is(self):
        for origin in (self.near, self.far):
            self.app.do("profile")
            before = self.logged_in(self.app.do("redirect", origin=origin, who=self.ann))
            after = self.logged_in(self.app.do("silent", origin=origin, frame=False), name="Ann Example")
            expect(before["refresh_token"] != after["refresh_token"], "the refresh token has not changed")

    def test_a_frame_renews_silently_on_the_same_site_only(self):
        self.app.do("profile")
        self.logged_in(self.app.do("redirect", origin=self.near, who=self.ann))
        self.logged_in(self.app.do("silent", origin=self.near, frame=True), name="Ann Example")
        # Of another site the frame has no cookie: the session is `SameSite=Lax`.
        self.logged_in(self.app.do("redirect", origin=self.far, who=self.ann))
        same(self.app.do("silent", origin=self.far, frame=True).get("error"), "login_required", "a frame of another site")

    def test_tokens_are_bound_to_a_key_that_no_script_can_take(self):
        self.app.do("profile")
        user = self.logged_in(self.app.do("redirect", origin=self.near, how="bound", who=self.ann))
        same(user["token_type"], "DPoP", "the tokens")
        same(self.logged_in(self.app.do("silent", origin=self.near, how="bound", frame=False))["token_type"], "DPoP", "renewed")

    def test_a_popup_may_tell_its_opener(self):
        self.app.do("profile")
        self.logged_in(self.app.do("redirect", origin=self.near, who=self.ann))
        told = self.app.do("message", origin=self.near, redirect=f"{self.near}/callback")
        expect(told, "the popup says nothing")
        same((told["origin"], told["response"]["state"], told["response"]["iss"]),
             (self.server.site, "s", self.apps.issuer), "the message")
        expect("access_token" in told["tokens"], f"the tokens: {told['tokens']}")

    def posts(self, client, state):
        """The forms that come to a client for somebody who is logged in."""
        return self.app.do("form", origin=self.near, parameters={
            "client_id": client, "redirect_uri": f"{self.near}/callback", "response_type": "code", "response_mode": "form_post",
            "scope": "openid", "state": state, "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
        })

    def test_an_answer_comes_by_a_form(self):
        posts = self.posts("page", "\"><script>")
        same([sorted(post) for post in posts], [["code", "iss", "state"]], "the forms")
        same((posts[0]["state"], posts[0]["iss"]), ("\"><script>", self.apps.issuer), "what they say")

    def test_a_popup_tells_no_other_origin(self):
        same(self.app.do("message", origin=self.far, redirect=f"{self.near}/callback"), None, "a page of another origin")

    def test_scripts_of_others_read_what_is_for_them(self):
        at, form = self.apps.issuer, {"content-type": "application/x-www-form-urlencoded"}
        basic = {"authorization": "Basic " + base64.b64encode(b"page:x").decode()}

        def post(body, **headers):
            return {"method": "POST", "headers": form | headers, "body": body}

        requests = {
            "discovery": [f"{at}/.well-known/openid-configuration", {}],
            "keys": [f"{at}/.well-known/jwks", {}],
            "token": [f"{at}/token", post("grant_type=nothing&client_id=page", dpop="x")],
            "token with a header": [f"{at}/token", post("grant_type=refresh_token", **basic)],
            "userinfo": [f"{at}/userinfo", {"headers": {"authorization": "Bearer x"}}],
            "revocation": [f"{at}/revoke", post("token=x&client_id=page")],
            "pushed requests": [f"{at}/par", post("client_id=page")],
            "our own API": [f"{self.server.site}/auth/v1/me", {"headers": {"authorization": "Bearer x"}}],
            "with cookies": [f"{at}/userinfo", {"credentials": "include"}],
            "the authorization endpoint": [f"{at}/authorize?client_id=page", {}],
            "the account page": [f"{self.server.site}/ui/default/account", {"credentials": "include"}],
        }
        seen = self.app.do("reads", origin=self.far, requests=list(requests.values()))
        seen = {name: one if one == "hidden" else one["status"] for name, one in zip(requests, seen)}
        same(seen, {
            "discovery": 200, "keys": 200, "token": 400, "token with a header": 401, "userinfo": 401, "revocation": 200,
            "pushed requests": 400, "our own API": "hidden", "with cookies": "hidden", "the authorization endpoint": "hidden",
            "the account page": "hidden",
        }, "what a script sees")

    def test_a_page_revokes_its_tokens(self):
        self.app.do("profile")
        self.logged_in(self.app.do("redirect", origin=self.far, who=self.ann))
        same(self.app.do("revoke", origin=self.far), {"user": None}, "the revocation")

    def test_a_logout_leads_back_and_ends_the_session(self):
        self.app.do("profile")
        self.logged_in(self.app.do("redirect", origin=self.near, who=self.ann))
        ended = self.app.do("logout", origin=self.near)
        same((ended.get("error"), ended["url"].split("?")[0]), (None, f"{self.near}/bye"), "the end")
        same(self.app.do("silent", origin=self.near, frame=True).get("error"), "login_required", "the session")

    def test_a_frame_tells_another_application_of_a_logout(self):
        self.apps.create(
            "framed", client_type="public", auth_method="none", redirect_uris=[f"{self.near}/callback"], scopes=["openid"],
            consent="skip", logout={"front_channel_uri": f"{self.frames}/out?of=framed", "front_channel_session": True},
        )
        self.app.do("profile")
        user = self.logged_in(self.app.do("redirect", origin=self.near, who=self.ann))
        same(len(self.posts("framed", "s")), 1, "answers to the other application")
        self.app.do("logout", origin=self.near)
        told = [urllib.parse.parse_qs(urllib.parse.urlsplit(url).query) for url in self.app.do("framed")]
        same(told, [{"of": ["framed"], "iss": [self.apps.issuer], "sid": [user["profile"]["sid"]]}], "what the frame was told")

    def test_somebody_says_no(self):
        self.apps.person("bob", PASSWORD + "bob")
        bob = {"username": "bob", "password": PASSWORD + "bob", "agrees": False}
        self.app.do("profile")
        same(self.app.do("redirect", origin=self.near, who=bob).get("error"), "access_denied", "the answer")

    def stop(self):
        if "app" in vars(self):
            self.app.stop()
        super().stop()
