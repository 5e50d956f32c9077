"""Tokens that count, cards with cells and questions: curl and oathtool play the token, pdftotext reads the card."""

import base64
import csv
import subprocess

from kit.binary import gatewright
from kit.case import Case, expect, same
from kit.curl import curl
from kit.otp import hotp, totp

USERS = "/api/web/v2/authentication/users"
COMPLETE = "/api/web/v1/authentication/users/authenticate"
WHO = {"applicationId": "default", "userId": "admin"}
BOTH = "PASSWORD_AND_SECONDFACTOR"


class HotpGrid(Case):
    config = """\
[login.policy]
second = ["hotp", "grid", "kba", "totp"]
[login.block_config]
user_attempts_limit = 100
[http.rate]
steps_per_second = 0
"""

    def password(self, username="admin"):
        """After the password; how far that has come."""
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": username}).expect(200)
        body = {"transaction": begun["transaction"], "answer": {"password": self.server.password}}
        return curl(self.server, "POST", "/auth/v1/login/password", body).expect(200)

    def answer(self, authenticator, answer):
        """A login up to its second answer."""
        body = {"transaction": self.password()["transaction"], "answer": answer}
        return curl(self.server, "POST", f"/auth/v1/login/{authenticator}", body)

    def challenge(self, authenticator):
        asked = {"transaction": self.password()["transaction"]}
        return curl(self.server, "POST", f"/auth/v1/login/{authenticator}/challenge", asked).expect(200)

    def enrol(self, authenticator, proof_of):
        path = f"/auth/v1/enrol/{authenticator}"
        invited = curl(self.server, "POST", path, {}, bearer=self.token).expect(200)
        body = {"transaction": invited["transaction"], "proof": proof_of(invited["invitation"])}
        return curl(self.server, "POST", f"{path}/complete", body, bearer=self.token).expect(200)

    def code(self, counter):
        return {"code": hotp(self.secret, counter)}

    def done(self, reply):
        done = reply.expect(200)
        same(done["status"], "done", "status")
        return done["access_token"]

    def idaas(self, second, completion_of):
        """The vendor's four calls; `completion_of` makes the last body of the last challenge."""
        token, named = None, {}
        for answer_of in (lambda _: {"response": self.server.password}, completion_of):
            more = {"authToken": token} | named if token else {}
            posed = curl(self.server, "POST", f"{USERS}/authenticate/{BOTH}", WHO | more).expect(200)
            body = WHO | named | answer_of(posed)
            reply = curl(self.server, "POST", f"{COMPLETE}/{BOTH}/complete", body, authorization=posed["token"])
            token, named = reply.json.get("token"), {"secondFactorAuthenticator": second}
        return reply

    def test_a_token_that_oathtool_plays_is_set_up(self):
        self.token = self.password()["access_token"]

        def proof(invitation):
            self.secret = invitation["secret_base32"]
            expect(invitation["otpauth_uri"].startswith("otpauth://hotp/"), "the URI is not of HOTP")
            expect(invitation["otpauth_uri"].endswith("&counter=0"), "the URI does not say the counter")
            return self.code(0)

        self.enrol("hotp", proof)

    def test_its_next_code_logs_in_once(self):
        self.answer("hotp", self.code(0)).expect(401)
        self.token = self.done(self.answer("hotp", self.code(1)))
        self.answer("hotp", self.code(1)).expect(401)

    def test_ten_presses_in_vain_are_forgiven_and_eleven_are_not(self):
        self.answer("hotp", self.code(13)).expect(401)
        self.done(self.answer("hotp", self.code(12)))

    def test_two_codes_in_a_row_bring_it_back(self):
        both = self.code(90) | {"next_code": hotp(self.secret, 91)}
        self.answer("hotp", self.code(90)).expect(401)
        self.done(self.answer("hotp", both))
        self.answer("hotp", both).expect(401)
        self.done(self.answer("hotp", self.code(92)))

    def test_the_vendors_clients_call_it_token(self):
        reply = self.idaas("TOKEN", lambda _: {"response": hotp(self.secret, 93)})
        same(reply.expect(200)["authenticationCompleted"], True, reply.text)

    def test_a_card_is_made_and_read_from_its_pdf(self):
        card = self.enrol("grid", lambda _: {})["reveal"]
        file = self.folder / "card.pdf"
        file.write_bytes(base64.b64decode(card["pdf_base64"]))
        done = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=False)
        same(done.returncode, 0, done.stderr)
        # The serial number, the letters, and a line a row.
        lines = [line.split() for line in done.stdout.splitlines() if line.split()]
        same(lines[0], ["Card", card["serial"]], "the title")
        same(lines[1], list("ABCDEFGHIJ"), "the letters")
        self.card = {int(number): cells for number, *cells in lines[2:]}
        same([self.card[row + 1] for row in range(5)], card["rows"], "the cells of the PDF")
        text = [line.split() for line in card["text"].splitlines()]
        same(text, lines[1:], "the text")
        self.serial = card["serial"]

    def read(self, cells):
        return " ".join(self.card[cell["row"] + 1][cell["column"]] for cell in cells)

    def test_the_cells_of_the_card_log_in_once(self):
        asked = self.challenge("grid")
        again = self.challenge("grid")
        same(again["prompt"], asked["prompt"], "what is asked for, asked again")
        read = {"characters": self.read(asked["prompt"]["cells"])}
        path = "/auth/v1/login/grid"
        wrong = {"transaction": asked["transaction"], "answer": {"characters": "AAAAAA"}}
        curl(self.server, "POST", path, wrong).expect(401)
        self.done(curl(self.server, "POST", path, {"transaction": asked["transaction"], "answer": read}))
        curl(self.server, "POST", path, {"transaction": again["transaction"], "answer": read}).expect(401)
        cells = self.challenge("grid")["prompt"]["cells"]
        expect(not [cell for cell in cells if cell in asked["prompt"]["cells"]], f"asked for again: {cells}")

    def test_the_vendors_clients_read_cells_that_count_from_zero(self):
        def said(posed):
            grid = posed["gridChallenge"]
            same(grid["serialNumbers"], [self.serial], "the serial numbers")
            return {"response": self.read(grid["challenge"]).replace(" ", "").lower()}

        reply = self.idaas("GRID", said)
        same(reply.expect(200)["authenticationCompleted"], True, reply.text)

    def test_questions_are_answered_inside_the_vendors_challenge(self):
        self.token = self.done(self.answer("hotp", self.code(94)))
        words = ["Alder grove", "Birch lane", "Cedar hill", "Dogwood inn", "Elm crescent"]

        def proof(invitation):
            self.said = dict(zip(invitation["questions"], words))
            return {"answers": [{"question": q, "answer": a} for q, a in self.said.items()]}

        self.enrol("kba", proof)

        def said(posed):
            asked = posed["kbaChallenge"]
            for question in asked["userQuestions"]:
                expect("answer" not in question, "an answer went out")
                question["answer"] = self.said[question["question"]].upper()
            return {"kbaChallenge": asked}

        reply = self.idaas("KBA", said)
        same(reply.expect(200)["authenticationCompleted"], True, reply.text)

    def test_a_box_of_tokens_is_imported_while_the_server_runs(self):
        keys = ["31" * 20, "a9" * 20]
        self.server.secrets.update(keys)
        file = self.folder / "seeds.csv"

        def bring(rows, *arguments):
            with open(file, "w", newline="") as out:
                csv.writer(out).writerows([["username", "type", "serial", "secret", "counter"], *rows])
            environment = {"GATEWRIGHT_DATA": str(self.folder / "data")}
            done = gatewright("credential", "import", str(file), *arguments, env=environment, cwd=self.folder)
            expect(not any(key in done.stdout + done.stderr for key in keys), "a secret is printed")
            return done

        good = [["admin", "hotp", "40718253", keys[0], "5"], ["admin", "totp", "40718254", keys[1], ""]]
        wrong = bring([*good, ["nobody", "hotp", "", keys[0], ""], ["admin", "ocra", "", "", ""]])
        same(wrong.returncode, 1, wrong.stdout)
        for words in ("nothing has been imported", "line 4: there is no `nobody`", "line 5: type", "line 5: secret"):
            expect(words in wrong.stderr, wrong.stderr)
        expect("nothing has been written" in bring(good, "--dry-run").stdout, "the dry run")
        done = bring(good)
        expect("2 tokens have been imported: 1 totp, 1 hotp" in done.stdout, done.stdout + done.stderr)
        expect("line 2" in bring(good).stderr, "the same token twice")
        counted = base64.b32encode(bytes.fromhex(keys[0])).decode()
        timed = base64.b32encode(bytes.fromhex(keys[1])).decode()
        self.done(self.answer("hotp", {"code": hotp(counted, 5)}))
        self.done(self.answer("totp", {"code": totp(timed)}))
