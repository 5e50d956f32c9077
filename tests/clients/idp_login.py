"""Logins by an upstream provider, npm oidc-provider, in a browser that keeps cookies."""

import json
import re
import socket
import subprocess
import time
import urllib.parse
import urllib.request

from kit.browser import Browser
from kit.case import CLIENTS, Case, expect, same
from kit.curl import SECRET_MEMBERS, secrets_in
from kit.otp import totp

SECRET = "upstream/secret of:the client"
CALLBACK = "/auth/v1/callback/idp-oidc"
IDAAS = "/api/web/{}/authentication/users/authenticate/{}"
LIES = [
    "issuer", "audience", "audiences", "azp", "nonce", "expired", "future", "at_hash", "kid", "subject", "crit",
    "type", "none", "unsigned", "public-key", "stranger",
]

CONFIG = """
[outgoing]
allow_networks = ["127.0.0.0/8"]
allow_http = true

[login.policy]
first = ["password", "idp-oidc"]

[login.site]
url = "{url}"

[login.block_config]
user_attempts_limit = 1000
ip_attempts_limit = 1000

[plugins.idp-oidc.providers.upstream]
issuer = "{issuer}"
client_id = "gatewright"
client_secret = "{secret}"
scopes = ["email"]
userinfo = true
allow_http = true
"""


class AtTheProvider(Browser):
    """Somebody who has an account with the upstream provider; with every POST to our server goes its Origin."""

    def __init__(self, server):
        super().__init__()
        self.server = server

    def post(self, path, body, **headers):
        headers = {"Content-Type": "application/json", "Origin": self.server.url, **headers}
        page = self.open(self.server.url + path, json.dumps(body).encode(), headers)
        if page.text.startswith("{"):
            self.server.secrets.update(secrets_in(json.loads(page.text), SECRET_MEMBERS))
        return page

    def at_the_provider(self, url, name):
        """Logs in there and agrees, where it asks; the address that it sends the browser back to."""
        for _ in range(12):
            page = self.open(url)
            while page.status in (302, 303):
                url = urllib.parse.urljoin(url, page.headers["Location"])
                if urllib.parse.urlsplit(url).path == CALLBACK:
                    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
                    self.server.secrets.update(asked.get("code", []) + asked["state"])
                    return url
                page = self.open(url)
            page.expect(200)
            form = re.search(r'action="([^"]+)"', page.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
            expect(form and prompt, f"the provider shows something else: {page.text[:500]}")
            fields = {"prompt": prompt.group(1)}
            if fields["prompt"] == "login":
                fields |= {"login": name, "password": "any"}
            sent = self.open(urllib.parse.urljoin(url, form.group(1)), urllib.parse.urlencode(fields).encode())
            expect(sent.status in (302, 303), f"the provider does not go on: {sent.status} {sent.text[:500]}")
            url = urllib.parse.urljoin(url, sent.headers["Location"])
        raise AssertionError("the provider sends the browser in circles")

    def go(self, url, name):
        """To the provider and back."""
        back = self.at_the_provider(url, name)
        page = self.open(back)
        same(page.status, 303, "the callback")
        same(page.headers["Location"], "../callback", "where the callback leads")
        return back


class IdpLogin(Case):
    def start_all(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        self.provider = subprocess.Popen(
            ["node", CLIENTS / "idp_provider.mjs", SECRET, url + CALLBACK], cwd=CLIENTS,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        self.issuer = self.provider.stdout.readline().strip()
        expect(self.issuer, "the provider does not start")
        self.config = CONFIG.format(url=url, issuer=self.issuer, secret=SECRET)
        self.start(env={"GATEWRIGHT_LISTEN": f"127.0.0.1:{port}"}).secrets.add(SECRET)

    def stop(self):
        super().stop()
        if "provider" in vars(self):
            self.provider.kill()
            self.provider.wait()

    def lie(self, word):
        request = urllib.request.Request(f"{self.issuer}/lie/{word}", data=b"", method="POST")
        with urllib.request.urlopen(request, timeout=10) as reply:
            same(reply.status, 204, f"the lie {word}")

    def browser(self):
        return AtTheProvider(self.server)

    def sent_away(self, browser, **begin):
        begun = browser.post("/auth/v1/login", {"cookie": True, **begin}).expect(200)
        return self.asked(browser, begun["transaction"])

    def asked(self, browser, transaction):
        asked = browser.post("/auth/v1/login/idp-oidc/challenge", {"transaction": transaction}).expect(200)
        return asked["transaction"], asked["prompt"]["url"]

    def poll(self, browser, transaction):
        return browser.post("/auth/v1/login/idp-oidc", {"transaction": transaction, "answer": {}})

    def log_in(self, name, **begin):
        browser = self.browser()
        transaction, url = self.sent_away(browser, **begin)
        browser.go(url, name)
        return self.poll(browser, transaction)

    def test_the_password_logs_in_and_an_account_is_linked(self):
        self.start_all()
        self.home = self.browser()
        begun = self.home.post("/auth/v1/login", {"username": "admin", "cookie": True}).expect(200)
        answer = {"transaction": begun["transaction"], "answer": {"password": self.server.password}}
        same(self.home.post("/auth/v1/login/password", answer).expect(200)["status"], "done", "the password")
        invited = self.home.post("/auth/v1/enrol/idp-oidc", {}).expect(200)
        finish = {"transaction": invited["transaction"], "proof": {}}
        self.home.post("/auth/v1/enrol/idp-oidc/complete", finish).expect(202)
        self.home.go(invited["invitation"]["url"], "upstream-ada")
        self.home.post("/auth/v1/enrol/idp-oidc/complete", finish).expect(200)

    def test_it_logs_in_without_a_name_and_with_one(self):
        for begin in ({}, {"username": "admin"}):
            done = self.log_in("upstream-ada", **begin).expect(200)
            same((done["status"], done["person"]["username"]), ("done", "admin"), "the end of the login")
            same(done["amr"], ["fed"], "amr")

    def test_an_account_that_nobody_has_linked_is_refused_like_a_name_that_nobody_has(self):
        unknown = self.log_in("upstream-eve")
        unknown.expect(401)
        nobody = self.log_in("upstream-ada", username="nobody")
        nobody.expect(401)
        same(nobody.text, unknown.text, "the refusals")

    def test_a_response_counts_once(self):
        browser = self.browser()
        transaction, url = self.sent_away(browser)
        back = browser.go(url, "upstream-ada")
        same(browser.open(back).status, 303, "the callback again")
        self.poll(browser, transaction).expect(200)
        same(browser.open(back).status, 303, "the callback after the end")
        self.poll(browser, transaction).expect(404)

    def test_another_browser_brings_nothing(self):
        eve = self.browser()
        transaction, url = self.sent_away(eve)
        self.home.go(url, "upstream-ada")
        same(self.poll(eve, transaction).expect(200)["status"], "pending", "Eve's login")

    def test_no_lie_is_believed(self):
        wrong = self.log_in("upstream-eve")
        for word in LIES:
            self.lie(word)
            reply = self.log_in("upstream-ada")
            same((reply.status, reply.text), (401, wrong.text), f"the lie {word}")
        self.lie("nothing")
        self.log_in("upstream-ada").expect(200)

    def test_a_session_is_proven_anew_by_logging_in_there_again(self):
        time.sleep(1)  # Sessions of the provider count in whole seconds.
        transaction, url = self.sent_away(self.home, purpose="elevate")
        expect("max_age=0" in url, url)
        self.home.go(url, "upstream-ada")
        same(self.poll(self.home, transaction).expect(200)["status"], "done", "the elevation")

    def test_idaas_sends_the_browser_away_and_is_polled(self):
        browser = self.browser()
        self.token = self.idaas(browser, "IDP")["token"]
        done = browser.post(IDAAS.format("v1", "IDP") + "/complete", {}, Authorization=self.token).expect(200)
        same((done["authenticationCompleted"], done["userId"]), (True, "admin"), "the end at IDaaS")

    def idaas(self, browser, name):
        """As far as the provider has answered; the reply to the challenge."""
        who = {"applicationId": "default", "userId": "admin"}
        posed = browser.post(IDAAS.format("v2", name), who).expect(200)
        path = IDAAS.format("v1", name) + "/complete"
        waits = browser.post(path, {}, Authorization=posed["token"]).expect(200)
        same((waits["status"], waits["authenticationCompleted"]), ("NO_RESPONSE", False), "before it is back")
        browser.go(posed["redirectUrl"], "upstream-ada")
        return posed

    def test_idaas_refuses_who_is_no_browser(self):
        body = json.dumps({"applicationId": "default", "userId": "admin"}).encode()
        page = self.browser().open(
            self.server.url + IDAAS.format("v2", "IDP"), body, {"Content-Type": "application/json"}
        )
        expect("browser" in page.expect(400)["errorMessage"], page.text)

    def test_a_second_factor_comes_after_it(self):
        invited = self.home.post("/auth/v1/enrol/totp", {}).expect(200)
        secret = invited["invitation"]["secret_base32"]
        body = {"transaction": invited["transaction"], "proof": {"code": totp(secret)}}
        self.home.post("/auth/v1/enrol/totp/complete", body).expect(200)
        browser, name = self.browser(), "IDP_AND_SECONDFACTOR"
        path = IDAAS.format("v1", name) + "/complete"
        more = browser.post(path, {}, Authorization=self.idaas(browser, name)["token"]).expect(200)
        same((more["authenticationCompleted"], more["availableSecondFactor"]), (False, ["TOKEN"]), "after the first")
        who = {"applicationId": "default", "userId": "admin"}
        second = {"authToken": more["token"], "secondFactorAuthenticator": "TOKEN"}
        posed = browser.post(IDAAS.format("v2", name), who | second).expect(200)
        answer = {"response": totp(secret, "now + 30 seconds"), "secondFactorAuthenticator": "TOKEN"}
        done = browser.post(path, answer, Authorization=posed["token"]).expect(200)
        same(done["authenticationCompleted"], True, "after the second")

    def test_a_provider_that_is_gone_is_no_refusal(self):
        browser = self.browser()
        transaction, url = self.sent_away(browser)
        back = browser.at_the_provider(url, "upstream-ada")
        self.provider.kill()
        self.provider.wait()
        same(browser.open(back).status, 303, "the callback")
        self.poll(browser, transaction).expect(503)
