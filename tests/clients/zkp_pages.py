"""A picture with a PIN and a pattern on the hosted pages in Chromium. zkp_pages.mjs is the people; here it is judged."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from kit.applications import Applications
from kit.case import CLIENTS, Case, expect, same
from kit.curl import curl
from kit.mailserver import WITHIN, MailServer
from kit.pki import Ca

# Pictures for people to look at; kept only where somebody has said where.
SCREENSHOTS = os.environ.get("SCREENSHOTS")
BOB, PASSWORD = "bob@example.org", "quince-Ladder 77 harbour"
APPLICATION = {
    "name": "Harbour & Sons",
    "client_type": "public",
    "redirect_uris": ["https://harbour.example/callback"],
    "scopes": ["openid"],
    "grants": ["authorization_code"],
}
CONFIG = """\
[login.policy]
first = ["password", "zkp"]
reset = ["otp"]

[login.vault]
register_enable = true

[plugins.smtp]
host = "localhost"
port = {port}
root_certificates = {{ file = "{roots}" }}
username = "{username}"
password = {{ file = "{password}" }}
from = "Example <login@example.com>"
"""


class ZkpPages(Case):
    has_issuer = True

    def test_the_server_starts_with_somebody_who_has_a_password_and_an_address(self):
        self.ca = Ca(self.folder, "ca")
        self.mails = MailServer(self.ca.issue("localhost", "subjectAltName = DNS:localhost"))
        password = self.folder / "password"
        password.write_text(self.mails.password)
        password.chmod(0o600)
        self.config = CONFIG.format(
            port=self.mails.port, roots=self.ca.pem, password=password, username=self.mails.username
        )
        self.start()
        apps = Applications(self.server, self.folder)
        admin = apps.bearer()
        bob = curl(self.server, "POST", "/auth/v1/people", {"username": "bob", "email": BOB}, bearer=admin).expect(201)
        path = f"/auth/v1/people/{bob['id']}"
        curl(self.server, "PATCH", path, {"email_verified": True}, bearer=admin).expect(200)
        curl(self.server, "PUT", f"{path}/password", {"password": PASSWORD}, bearer=admin).expect(204)
        apps.create("harbour", **APPLICATION)

    def test_people_in_chromium_do_all_this(self):
        shots = Path(SCREENSHOTS or tempfile.mkdtemp(prefix="gatewright-shots-"))
        shots.mkdir(parents=True, exist_ok=True)
        people = subprocess.Popen(
            ["node", CLIENTS / "zkp_pages.mjs", self.server.url, shots],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.server.secrets |= {PASSWORD, "739104", "804213", "951740", "260837"}
        last = ""
        try:
            self._say(people, {"bob": {"username": "bob", "password": PASSWORD, "email": BOB}})
            for line in people.stdout:
                last = line
                asked = json.loads(line)
                if "mail" in asked:
                    self._say(people, {"text": self._mail(asked["mail"], asked["for"])})
            people.wait(60)
        finally:
            people.kill()
            if not SCREENSHOTS:
                shutil.rmtree(shots, ignore_errors=True)
        expect(people.returncode == 0, f"they ended with {people.returncode}")
        self.seen = json.loads(last)
        self.steps = self.seen["steps"]

    @staticmethod
    def _say(people, what):
        people.stdin.write(json.dumps(what) + "\n")
        people.stdin.flush()

    def _mail(self, to, what):
        """The code or the link in the newest mail to somebody that has one."""
        pattern = r"\b(\d{6})\b" if what == "code" else r"(http\S+/verify\?token=\S+)"
        begun = time.monotonic()
        while time.monotonic() - begun < WITHIN:
            for recipients, mail in reversed(self.mails.box.mails):
                found = re.search(pattern, mail.get_content()) if to in recipients else None
                if found:
                    return found.group(1)
            time.sleep(0.05)
        raise AssertionError(f"no {what} for {to} among {len(self.mails.box.mails)} mails")

    def test_axe_finds_nothing_on_any_page(self):
        found = {page["name"]: page["violations"] for page in self.seen["pages"] if page["violations"]}
        expect(len(self.seen["pages"]) >= 80, f"only {len(self.seen['pages'])} looks at pages")
        expect(not found, json.dumps(found, indent=1))

    def test_every_page_fits_a_screen_of_320_pixels(self):
        for page in self.seen["pages"]:
            expect(page["overflow"] <= 0, f"{page['name']} is {page['overflow']} px too wide")

    def test_the_browser_has_nothing_to_complain_of_and_asks_nobody_else(self):
        same((self.seen["console"], self.seen["foreign"]), ([], []), "console, and requests to others")

    def test_no_picture_is_taken_that_is_none_or_damaged_or_too_large(self):
        words = {"truncated": "its end is missing", "huge": "too many pixels", "text": "no picture", "gif": "of this type"}
        for name, word in words.items():
            expect(word in self.steps["refused"][name], f"{name}: {self.steps['refused'][name]}")

    def test_what_everybody_tries_first_is_not_taken_and_a_slip_is_noticed(self):
        expect("Many people use this PIN" in self.steps["weakPin"], self.steps["weakPin"])
        expect("another PIN" in self.steps["otherPin"], self.steps["otherPin"])
        expect("straight line" in self.steps["weakPattern"], self.steps["weakPattern"])
        same(self.steps["attributes"], False, "the PIN stands in the page")

    def test_an_account_is_made_and_its_address_confirmed(self):
        expect("e-mail address" in self.steps["address"], self.steps["address"])
        expect("on its way" in self.steps["registered"], self.steps["registered"])
        same(self.steps["verified"], "Your address is confirmed.", "the link in the mail")
        expect("picture, PIN, pattern" in self.steps["parts"], self.steps["parts"])

    def test_a_copy_at_half_size_logs_in_and_the_application_gets_an_id_token(self):
        token = self.steps["idToken"]
        same((token["amr"], token["nonce"]), (["pin"], "n-7"), "the ID token")

    def test_whatever_is_wrong_the_page_says_the_same(self):
        wrong = self.steps["wrong"]
        expect("That was not accepted." in wrong["pin"], wrong["pin"])
        for what in ("pattern", "picture", "nobody"):
            same(wrong[what], wrong["pin"], what)

    def test_the_keyboard_is_enough(self):
        same(self.steps["spoken"], "Point 5: row 3, column 3", "what is said of the last point")
        same(self.steps["keyboard"], "/ui/default/account", "it leads to")

    def test_a_picture_is_set_up_beside_a_password_and_replaced(self):
        same((self.steps["added"], self.steps["replaced"]), ("It is set up.",) * 2, "the account says")

    def test_a_lost_one_is_replaced_by_mail(self):
        same(self.steps["lost"], "zkp", "what is said to be lost")
        expect("It is replaced." in self.steps["reset"], self.steps["reset"])
        same(self.steps["afterReset"], "/ui/default/account", "the new one leads to")

    def test_a_photograph_is_saved_before_anything_rests_on_it(self):
        expect(self.steps["camera"], "nothing is said of the photograph")
        same(self.steps["next"], False, "it goes on without having been saved")

    def test_without_script_the_page_says_so(self):
        expect("needs JavaScript" in self.steps["noScript"], self.steps["noScript"])
