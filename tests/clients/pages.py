"""The hosted pages in Chromium, with and without scripts. pages.mjs is the person; here it is judged."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from kit.case import CLIENTS, Case, expect, same
from kit.curl import curl
from kit.mailserver import MailServer
from kit.pki import Ca

# Pictures for people to look at; kept only where somebody has said where.
SCREENSHOTS = os.environ.get("SCREENSHOTS")
BOB, OLD, NEW = "bob@example.org", "quince-Ladder 77 harbour", "marble 41 Otter-drum"
APPLICATION = {
    "client_id": "harbour",
    "settings": {
        "name": "Harbour & Sons, the shop with the longest name of all",
        "client_type": "public",
        "redirect_uris": ["https://harbour.example/callback"],
        "scopes": ["openid", "profile", "email", "offline_access", "stock.read"],
        "grants": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "about": {"client_uri": "https://harbour.example/", "policy_uri": "https://harbour.example/privacy"},
    },
}
CONFIG = """\
[login.policy]
first = ["password", "passkey"]
second = ["passkey", "totp", "recovery-code"]
reset = ["otp"]

[login.look]
welcome = "Good to see you."
help = "Trouble? Ask your administrator."

[plugins.smtp]
host = "localhost"
port = {port}
root_certificates = {{ file = "{roots}" }}
username = "{username}"
password = {{ file = "{password}" }}
from = "Example <login@example.com>"
"""


class Pages(Case):
    def test_the_server_starts_where_it_says_with_somebody_who_has_an_address(self):
        self.ca = Ca(self.folder, "ca")
        self.mails = MailServer(self.ca.issue("localhost", "subjectAltName = DNS:localhost"))
        password = self.folder / "password"
        password.write_text(self.mails.password)
        password.chmod(0o600)
        self.config = CONFIG.format(
            port=self.mails.port, roots=self.ca.pem, password=password, username=self.mails.username
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.start(env={"GATEWRIGHT_LISTEN": f"127.0.0.1:{port}"})
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": "admin"}).expect(200)
        body = {"transaction": begun["transaction"], "answer": {"password": self.server.password}}
        done = curl(self.server, "POST", "/auth/v1/login/password", body).expect(200)
        admin = done["access_token"]
        own = f"/auth/v1/people/{done['person']['id']}"
        curl(self.server, "PATCH", own, {"email": "administrator@harbour.example"}, bearer=admin).expect(200)
        bob = curl(self.server, "POST", "/auth/v1/people", {"username": "bob", "email": BOB}, bearer=admin).expect(201)
        path = f"/auth/v1/people/{bob['id']}"
        curl(self.server, "PATCH", path, {"email_verified": True}, bearer=admin).expect(200)
        curl(self.server, "PUT", f"{path}/password", {"password": OLD}, bearer=admin).expect(204)
        curl(self.server, "POST", "/auth/v1/tenants/default/clients", APPLICATION, bearer=admin).expect(201)

    def test_a_person_in_chromium_does_all_this(self):
        shots = Path(SCREENSHOTS or tempfile.mkdtemp(prefix="gatewright-shots-"))
        shots.mkdir(parents=True, exist_ok=True)
        person = subprocess.Popen(
            ["node", CLIENTS / "pages.mjs", self.server.url, shots],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.server.secrets |= {OLD, NEW}
        said = {"username": "admin", "password": self.server.password, "email": {"username": "bob", "password": NEW}}
        try:
            self._say(person, said)
            asked = person.stdout.readline()
            if asked.startswith('{"mail"'):
                text = self.mails.mail(BOB).get_content()
                self._say(person, {"code": re.search(r"\b(\d{6})\b", text).group(1)})
            out, err = person.communicate(timeout=300)
        finally:
            person.kill()
            if not SCREENSHOTS:
                shutil.rmtree(shots, ignore_errors=True)
        expect(person.returncode == 0, err)
        self.seen = json.loads(out)
        self.steps = self.seen["steps"]

    @staticmethod
    def _say(person, what):
        person.stdin.write(json.dumps(what) + "\n")
        person.stdin.flush()

    def test_axe_finds_nothing_on_any_page(self):
        found = {page["name"]: page["violations"] for page in self.seen["pages"] if page["violations"]}
        expect(len(self.seen["pages"]) >= 90, f"only {len(self.seen['pages'])} looks at pages")
        expect(not found, json.dumps(found, indent=1))

    def test_every_page_fits_a_screen_of_320_pixels(self):
        for page in self.seen["pages"]:
            expect(page["overflow"] <= 0, f"{page['name']} is {page['overflow']} px too wide")

    def test_the_browser_has_nothing_to_complain_of_and_asks_nobody_else(self):
        same((self.seen["console"], self.seen["foreign"]), ([], []), "console, and requests to others")

    def test_a_wrong_password_is_said_at_its_field(self):
        wrong = self.steps["wrong"]
        expect("not accepted" in wrong["alert"], wrong)
        same((wrong["described"], wrong["invalid"]), ("problem", "true"), "the field")
        same(self.steps["password"], "/ui/default/account", "the right one leads to")

    def test_an_app_and_recovery_codes_are_set_up(self):
        same(self.steps["app"], "It is set up.", "the app")
        same(self.steps["codes"] > 5, True, "codes are shown")
        same(self.steps["codesAgain"], 0, "once")

    def test_a_passkey_is_set_up_and_offered_beside_the_name(self):
        same(self.steps["passkey"], "It is set up.", "the passkey")
        same(self.steps["conditional"], "/ui/default/account", "it logs in from the autofill of the form")

    def test_a_second_factor_is_asked_for(self):
        same(self.steps["second"], "One more step", "after the password")
        same(self.steps["secondDone"], "/ui/default/account", "after the code")

    def test_sessions_elsewhere_are_ended(self):
        expect(self.steps["sessions"] > 1, self.steps["sessions"])
        same(self.steps["sessionsAfter"], 1, "sessions that are left")
        same(self.steps["ended"], "/ui/default/login", "the other window is at")

    def test_a_lost_password_is_replaced(self):
        same(self.steps["strength"], "Too short", "the meter")
        same(self.steps["reset"], "Your password is changed. Sign in with the new one.", "in the end")

    def test_who_agrees_is_named_and_a_device_is_connected(self):
        expect("signed in as admin" in self.steps["consent"], self.steps["consent"])
        same(self.steps["device"], "The device is connected. Go on there.", "the device")

    def test_passwords_need_no_script(self):
        same(self.steps["noScript"], "/ui/default/account", "the login leads to")
        same(self.steps["noScriptOut"], "You are signed out.", "and out again")
