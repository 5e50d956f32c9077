"""Somebody writes a factor of their own: `plugin new`, build, check, configuration, and the README's own commands."""

import json
import os
import re
import subprocess

from kit.binary import binary, gatewright
from kit.case import Case, expect, same
from kit.curl import curl

PASSWORD = "a long sentence that nobody else has said"
# A skeleton's crates are compiled, on a busy machine.
BUILD_SECONDS = 600


class PluginNew(Case):
    def __init__(self):
        super().__init__()
        self.config = ""

    def written(self, name, lang):
        """A skeleton; its folder."""
        done = gatewright("plugin", "new", name, "--lang", lang, cwd=self.folder)
        expect(done.returncode == 0, done.stderr)
        for line in done.stdout.splitlines()[:-2]:
            expect((self.folder / line).is_file(), f"{line} is named and not there")
        expect(f"cd {name} && " in done.stdout.splitlines()[-1], done.stdout)
        again = gatewright("plugin", "new", name, "--lang", lang, cwd=self.folder)
        expect(again.returncode == 1 and "not empty" in again.stderr, again.stderr)
        return self.folder / name

    def built(self, folder, *command):
        # What others have built for a skeleton is not built again.
        env = os.environ | {"CARGO_TARGET_DIR": str(binary().parents[1] / "skeleton")}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=BUILD_SECONDS)
        expect(done.returncode == 0, f"{command}: {done.stdout}{done.stderr}")

    def checked(self, name, library):
        """What `plugin check` says becomes the entry of the configuration."""
        done = gatewright("plugin", "check", str(library))
        expect(done.returncode == 0, done.stdout + done.stderr)
        expect(f"{name} 0.1.0 would be loaded." in done.stdout and "asks for    random" in done.stdout, done.stdout)
        entry = done.stdout[done.stdout.index("[plugins."):]
        expect(entry.startswith(f"[plugins.{name}]\n"), entry)
        self.config += f"{entry}answer_seconds = 120\n"

    def used(self, name):
        """Runs what its README says under `Use it`, as it stands there but for the address and the account."""
        folder = self.folder / name
        _, *blocks = re.findall(r"```sh\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
        same(len(blocks), 3, "blocks of commands after the build")
        text = "\n".join(blocks).replace("http://127.0.0.1:8080", self.server.url)
        text = text.replace('"username": "ann"', f'"username": "{name}"')
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{text}"], cwd=folder, env=os.environ | {"PASSWORD": PASSWORD},
            capture_output=True, text=True, timeout=60,
        )
        expect(done.returncode == 0, done.stdout + done.stderr)
        last = json.loads(done.stdout)
        same((last["status"], last["amr"]), ("done", ["pwd", "otp", "mfa"]), "the last reply")
        codes = json.loads((folder / "sheet.json").read_text())
        self.server.secrets |= {PASSWORD, last["access_token"], *codes}
        return codes

    def answered(self, name, codes):
        """One more login, with the code that is asked for among these; the reply, and what was asked for."""
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": name}).expect(200)
        answer = {"transaction": begun["transaction"], "answer": {"password": PASSWORD}}
        more = curl(self.server, "POST", "/auth/v1/login/password", answer).expect(200)
        path = f"/auth/v1/login/{name}"
        asked = curl(self.server, "POST", f"{path}/challenge", {"transaction": more["transaction"]}).expect(200)
        position = asked["prompt"]["position"]
        body = {"transaction": asked["transaction"], "answer": {"code": codes[position - 1]}}
        return curl(self.server, "POST", path, body), position

    def is_a_factor(self, name):
        codes = self.used(name)
        shifted = [*codes[1:], codes[0]]
        self.answered(name, shifted)[0].expect(401)
        _, before = self.answered(name, codes)
        _, after = self.answered(name, codes)
        expect(before != after, f"the code at {before} is asked for again")

    def test_a_skeleton_in_rust_passes_its_tests_and_is_checked(self):
        folder = self.written("night-watch", "rust")
        self.built(folder, "cargo", "test", "--offline")
        self.built(folder, "cargo", "build", "--offline")
        self.checked("night-watch", binary().parents[1] / "skeleton/debug/libauthenticator_night_watch.so")

    def test_a_skeleton_in_c_passes_its_tests_and_is_checked(self):
        folder = self.written("day-watch", "c")
        self.built(folder, "make", "test")
        self.built(folder, "make")
        self.checked("day-watch", folder / "day-watch.so")

    def test_a_name_that_is_none_is_refused(self):
        refused = gatewright("plugin", "new", "Night Watch", "--lang", "rust", cwd=self.folder)
        expect(refused.returncode == 1 and "lower-case letters" in refused.stderr, refused.stderr)

    def test_the_entries_make_a_server(self):
        for name in ["night-watch", "day-watch"]:
            added = gatewright("person", "add", name, "--stdin", stdin=PASSWORD + "\n", cwd=self.folder,
                               env={"GATEWRIGHT_DATA": str(self.folder / "data")})
            expect(added.returncode == 0, added.stderr)
        document = curl(self.server, "GET", "/openapi.json").expect(200)
        for name in ["night-watch", "day-watch"]:
            expect(f"/auth/v1/login/{name}" in document["paths"], f"{name} is not in the document")

    def test_the_readme_of_the_rust_one_logs_in(self):
        self.is_a_factor("night-watch")

    def test_the_readme_of_the_c_one_logs_in(self):
        self.is_a_factor("day-watch")
