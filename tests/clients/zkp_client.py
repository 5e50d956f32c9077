"""@gatewright/vp1, the client of the zero-knowledge factor: its own tests, its build, and its way with the real server."""

import filecmp
import json
import re
import subprocess
import tempfile
from pathlib import Path

from kit.applications import Applications
from kit.binary import ROOT
from kit.case import Case, expect, same
from kit.curl import curl
from kit.mailserver import MailServer
from kit.pki import Ca
from kit.program import Program

PACKAGE = ROOT / "plugins" / "authenticators" / "zkp" / "client"
ANN = "ann@example.org"
REDIRECT = "https://app.example/callback"
CLIENT = {"client_type": "public", "redirect_uris": [REDIRECT], "scopes": ["openid"], "grants": ["authorization_code"], "consent": "skip"}
RIGHT = {"picture": "coffee.jpg", "pin": "493817", "cells": [0, 1, 2, 5, 8]}
LOST = {"picture": "galaxies.jpg", "pin": "887294", "cells": [2, 4, 3, 7]}
NEXT = {"picture": "astronaut.jpg", "pin": "830472", "cells": [6, 3, 4, 5, 2]}
# Its tests take half a minute on an idle machine, most of it with the other implementation of the code.
MOST_SECONDS = 900
CONFIG = """\
[login.policy]
first = ["password", "zkp"]
reset = ["otp"]

[login.vault]
register_enable = true
use_pin = true
pin_size = 6
use_pattern = true
patter_size = 3

[login.block_config]
user_attempts_limit = 1000
ip_attempts_limit = 100000

[plugins.smtp]
host = "localhost"
port = {port}
root_certificates = {{ file = "{roots}" }}
username = "{username}"
password = {{ file = "{password}" }}
from = "Example <login@example.com>"
"""


class ZkpClient(Case):
    has_issuer = True

    def run_in_package(self, *command):
        done = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
        expect(done.returncode == 0, (done.stdout + done.stderr)[-4000:])
        return done.stdout

    def test_its_types_are_right_and_its_own_tests_pass(self):
        self.run_in_package("npm", "run", "--silent", "check")
        said = self.run_in_package("npm", "test", "--silent")
        passed = int(re.search(r"# pass (\d+)", said).group(1))
        expect(passed >= 60, f"only {passed} tests")

    def test_what_is_committed_is_what_is_built(self):
        with tempfile.TemporaryDirectory() as folder:
            self.run_in_package("node", "build.mjs", folder)
            names = ["LICENSES.txt", "zkp.css", "zkp.js"]
            same(sorted(path.name for path in Path(folder).iterdir()), names, "the files")
            _, differ, missing = filecmp.cmpfiles(folder, PACKAGE / "dist", names, shallow=False)
            expect(not differ + missing, f"run `npm run build` in {PACKAGE}: {differ + missing} differ")

    def test_what_is_built_in_is_free(self):
        licences = (PACKAGE / "dist" / "LICENSES.txt").read_text()
        found = re.findall(r"^(\S+) [\d.]+ \((.+)\)$", licences, re.MULTILINE)
        same({licence for _, licence in found}, {"MIT"}, "the licences")
        script = (PACKAGE / "dist" / "zkp.js").read_text()
        for word in ("eval(", "new Function", "http://", "https://", "importScripts"):
            expect(word not in script, f"the script holds {word!r}")

    def test_the_library_is_built_and_a_server_starts(self):
        self.run_in_package("npm", "run", "--silent", "lib")
        self.ca = Ca(self.folder, "ca")
        self.mails = MailServer(self.ca.issue("localhost", "subjectAltName = DNS:localhost"))
        password = self.folder / "password"
        password.write_text(self.mails.password)
        password.chmod(0o600)
        self.config = CONFIG.format(
            port=self.mails.port, roots=self.ca.pem, password=password, username=self.mails.username
        )
        self.apps = Applications(self.server, self.folder)
        self.apps.create("app", **CLIENT)
        self.app = Program(self.server, "zkp_client.mjs", None, self.server.site)
        self.server.secrets |= {RIGHT["pin"], LOST["pin"], NEXT["pin"]}

    def test_somebody_registers(self):
        self.app.do("register", name="ann", email=ANN, secret=RIGHT)
        self.mailed(r"/ui/default/verify\?token=(\S+)")
        done = self.app.do("login", name="ann", secret=RIGHT)
        same(done["need_verify"], True, "before the address is proven")
        same(self.app.do("spend", nonce=done["nonce"]), {"status": 302, "to": "/ui/default/account"}, "the browser goes")
        self.id = self.app.do("native", name="ann", secret=RIGHT)["person"]["id"]
        # An administrator says so, as the stories have the way of the link.
        path = f"/auth/v1/people/{self.id}"
        curl(self.server, "PATCH", path, {"email": ANN, "email_verified": True}, bearer=self.apps.bearer()).expect(200)
        same(self.app.do("login", name="ann", secret=RIGHT)["need_verify"], False, "afterwards")
        self.app.do("leave")

    def mailed(self, pattern):
        """What a mail to Ann holds that is secret."""
        text = self.mails.mail(ANN).get_content()
        found = re.search(pattern, text)
        expect(found, text)
        self.server.secrets.add(found.group(1))
        return found.group(1)

    def test_the_same_picture_recompressed_to_half_its_size_logs_in(self):
        nonce = self.app.do("login", name="ann", secret=RIGHT | {"picture": "again/coffee.jpg"})["nonce"]
        self.server.secrets.add(nonce)
        same(self.app.do("spend", nonce=nonce), {"status": 302, "to": "/ui/default/account"}, "the browser goes")
        same(self.app.do("spend", nonce=nonce)["status"], 400, "with the same nonce")
        self.app.do("leave")

    def test_a_wrong_secret_and_nobody_are_refused_alike(self):
        tries = [
            {"secret": RIGHT | {"pin": "493818"}},
            {"secret": RIGHT | {"cells": [0, 1, 2, 5, 4]}},
            {"secret": RIGHT | {"picture": "astronaut.jpg"}},
            {"secret": RIGHT, "name": "nobody"},
        ]
        said = [self.app.do("refused", **({"name": "ann"} | each)) for each in tries]
        same({(each or {}).get("status") for each in said}, {422}, f"the refusals: {said}")
        same(len({each["detail"] for each in said}), 1, "different bodies among the refusals")

    def test_a_page_that_is_none_of_the_tenants_is_told_so(self):
        said = self.app.do("refused", name="ann", secret=RIGHT, origin="https://evil.example")
        same(said["status"], 422, said)
        expect("https://evil.example" in said["detail"], f"it does not name the page: {said}")

    def test_a_login_inside_an_authorization_request_ends_in_an_id_token(self):
        asked = {"client_id": "app", "redirect_uri": REDIRECT}
        self.app.do("authorize", **asked)
        nonce = self.app.do("login", name="ann", secret=RIGHT)["nonce"]
        went = self.app.do("spend", nonce=nonce)
        expect(went["to"] and went["to"].startswith(REDIRECT), went)
        code = re.search(r"[?&]code=([^&]+)", went["to"]).group(1)
        tokens = self.app.do("token", code=code, **asked)
        expect("id_token" in tokens, tokens)
        claims = self.claims(tokens["id_token"])
        same((claims["aud"], claims["amr"]), ("app", ["pin"]), "the token says")
        self.app.do("leave")

    @staticmethod
    def claims(token):
        import jwt

        return jwt.decode(token, options={"verify_signature": False})

    def test_the_same_factor_at_our_own_api(self):
        done = self.app.do("native", name="ann", secret=RIGHT)
        same((done["status"], done["amr"]), ("done", ["pin"]), "the login")
        self.ann = done["access_token"]

    def test_a_lost_secret_is_replaced_with_a_code_that_comes_by_mail(self):
        self.app.do("lost", client_id="app", name="ann", email=ANN)
        code = self.mailed(r"(gw\w_[\w-]{20,})")
        same(self.app.do("reset", name="ann", code=code, secret=LOST), None, "the refusal")
        same(self.app.do("refused", name="ann", secret=RIGHT)["status"], 422, "the old one")
        self.ann = self.app.do("native", name="ann", secret=LOST)["access_token"]
        same(self.app.do("reset", name="ann", code=code, secret=RIGHT)["status"], 400, "with the same code once more")
        self.mails.box.mails.clear()

    def test_the_secret_is_changed(self):
        same(self.app.do("change", name="ann", secret=NEXT, token=self.ann), None, "the refusal")
        same(self.app.do("refused", name="ann", secret=LOST)["status"], 422, "the old one")
        self.ann = self.app.do("native", name="ann", secret=NEXT)["access_token"]
        self.mails.box.mails.clear()

    def test_an_address_changes_with_a_fresh_proof(self):
        given = {"id": self.id, "name": "ann", "email": "ann@new.example", "token": self.ann}
        same(self.app.do("email", secret=RIGHT, **given)["status"], 422, "with the old secret")
        same(self.app.do("email", secret=NEXT, **given), None, "the refusal")
        expect("ann@new.example" in json.dumps(curl(self.server, "GET", "/auth/v1/me", bearer=self.ann).expect(200)), "the address")
        self.app.stop()

    def example(self, what, *more, pin="493817"):
        command = ["node", "example.mjs", what, self.server.site, "bob", "test/pictures/coffee.jpg", *more]
        return subprocess.run(
            command, cwd=PACKAGE, input=f"{pin}\n0 1 2 5 8\n", capture_output=True, text=True, timeout=60, check=False
        )

    def test_the_example_of_its_readme_does_what_it_says(self):
        done = self.example("register", "bob@example.org")
        same((done.stdout, done.stderr), ("registered\n", ""), "registering")
        done = self.example("login")
        said = json.loads(done.stdout or "{}")
        expect(said.get("go", "").startswith(f"{self.server.site}/api/oidc/sign-in?oid_nonce="), done.stdout + done.stderr)
        self.server.secrets.add(said["go"].rpartition("=")[2])
        done = self.example("login", pin="493818")
        same((done.stdout, done.returncode), ("refused: 422\n", 1), "with another PIN")
