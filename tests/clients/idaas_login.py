"""The dialect of Entrust IDaaS, in the order in which its vendor's clients call it."""

from kit.case import Case, expect, same
from kit.curl import curl
from kit.otp import totp

USERS = "/api/web/v2/authentication/users"
COMPLETE = "/api/web/v1/authentication/users/authenticate"
WHO = {"applicationId": "default", "userId": "admin"}


class IdaasLogin(Case):
    def query(self):
        return curl(self.server, "POST", USERS, WHO).expect(200)

    def challenge(self, authenticator, **more):
        return curl(self.server, "POST", f"{USERS}/authenticate/{authenticator}", WHO | more)

    def complete(self, authenticator, token, **more):
        # The vendor's own client sends the bare token, without a scheme.
        body = WHO | more
        return curl(self.server, "POST", f"{COMPLETE}/{authenticator}/complete", body, authorization=token)

    def logout(self, token):
        return curl(self.server, "POST", "/api/web/v1/authentication/logout", authorization=f"Bearer {token}")

    def test_the_password_alone_logs_in_and_out(self):
        types = self.query()["authenticationTypes"]
        expect("PASSWORD" in types, f"PASSWORD is not offered: {types}")
        challenge = self.challenge("PASSWORD").expect(200)
        same(challenge["authenticationCompleted"], False, "authenticationCompleted of the challenge")
        wrong = self.complete("PASSWORD", challenge["token"], response="not the password")
        expect(wrong.expect(401)["errorCode"], "the refusal has no errorCode")
        done = self.complete("PASSWORD", challenge["token"], response=self.server.password).expect(200)
        same(done["authenticationCompleted"], True, "authenticationCompleted")
        self.token = done["token"]

    def test_an_authenticator_app_is_set_up(self):
        # The dialect has no words for that: our own API, with the token that the dialect gave.
        path = "/auth/v1/enrol/totp"
        invited = curl(self.server, "POST", path, {}, bearer=self.token).expect(200)
        self.secret = invited["invitation"]["secret_base32"]
        proof = {"transaction": invited["transaction"], "proof": {"code": totp(self.secret)}}
        curl(self.server, "POST", f"{path}/complete", proof, bearer=self.token).expect(200)

    def test_the_query_says_what_is_needed_now(self):
        reply = self.query()
        types, second = reply["authenticationTypes"], reply["availableSecondFactor"]
        expect("PASSWORD_AND_SECONDFACTOR" in types, f"PASSWORD_AND_SECONDFACTOR is not offered: {types}")
        expect("TOKEN" in second, f"TOKEN is not a second factor: {second}")

    def test_the_password_is_not_enough(self):
        challenge = self.challenge("PASSWORD_AND_SECONDFACTOR").expect(200)
        half = self.complete("PASSWORD_AND_SECONDFACTOR", challenge["token"], response=self.server.password)
        self.half = half.expect(200)
        same(self.half["authenticationCompleted"], False, "authenticationCompleted after the password")
        # A token that proves half of it opens nothing.
        curl(self.server, "GET", "/auth/v1/me", bearer=self.half["token"]).expect(401)

    def test_the_second_factor_completes_it(self):
        second = {"secondFactorAuthenticator": "TOKEN"}
        challenge = self.challenge("PASSWORD_AND_SECONDFACTOR", authToken=self.half["token"], **second).expect(200)
        same(challenge["authenticationCompleted"], False, "authenticationCompleted of the second challenge")
        code = totp(self.secret, "now + 30 seconds")
        done = self.complete("PASSWORD_AND_SECONDFACTOR", challenge["token"], response=code, **second).expect(200)
        same(done["authenticationCompleted"], True, "authenticationCompleted")
        same(done["userId"], "admin", "userId")
        self.token = done["token"]

    def test_the_token_opens_our_own_api(self):
        curl(self.server, "GET", "/auth/v1/me", bearer=self.token).expect(200)

    def test_logout_ends_it_once(self):
        reply = self.logout(self.token)
        reply.expect(200)
        same(reply.text, "", "the body of the logout")
        curl(self.server, "GET", "/auth/v1/me", bearer=self.token).expect(401)
        again = self.logout(self.token)
        expect(400 <= again.status < 500, f"the second logout: {again.status} {again.text}")
        expect(again.json["errorCode"], "the refusal has no errorCode")

    def test_an_authenticator_that_does_not_exist_is_a_mistake_of_the_caller(self):
        reply = self.challenge("TELEPATHY")
        expect(reply.expect(400)["errorCode"], "the refusal has no errorCode")
