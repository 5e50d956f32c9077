"""The API reference in Chromium: light and dark, wide and narrow. docs_page.mjs drives; here it is judged."""

import json
import shutil
import subprocess

from kit.case import CACHE, CLIENTS, Case, expect, same
from kit.curl import curl

SCREENSHOTS = CACHE / "screenshots"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def summaries(document):
    return {
        operation["summary"]
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    }


class DocsPage(Case):
    def test_chromium_opens_it(self):
        shutil.rmtree(SCREENSHOTS, ignore_errors=True)
        SCREENSHOTS.mkdir(parents=True)
        done = subprocess.run(
            ["node", CLIENTS / "docs_page.mjs", self.server.url, SCREENSHOTS],
            capture_output=True, text=True, timeout=900, check=False,
        )
        expect(done.returncode == 0, done.stderr)
        self.visits = json.loads(done.stdout)

    def test_every_operation_can_be_read(self):
        whole = curl(self.server, "GET", "/openapi.json").expect(200)
        one = curl(self.server, "GET", "/openapi/plugins/login.json").expect(200)
        for visit in (visit for visit in self.visits if "headings" in visit):
            wanted = summaries(one if visit["name"].endswith("-login") else whole)
            missing = wanted - set(visit["headings"])
            expect(not missing, f"{visit['name']}: not on the page: {sorted(missing)}")

    def test_the_browser_has_nothing_to_complain_of(self):
        for visit in self.visits:
            for complaint in ("console", "errors", "failed", "breaches"):
                same(visit[complaint], [], f"{visit['name']}: {complaint}")

    def test_it_asks_nobody_else(self):
        for visit in self.visits:
            same(visit["foreign"], [], f"{visit['name']}: requests to other hosts")

    def test_it_fits_the_screen(self):
        for visit in self.visits:
            expect(visit["overflow"] <= 0, f"{visit['name']} is {visit['overflow']} px too wide")

    def test_it_is_dark_where_the_person_wants_it_dark(self):
        for visit in self.visits:
            light = sum(int(n) for n in visit["background"].strip("rgba()").split(",")[:3]) > 3 * 128
            same(light, not visit["name"].startswith("dark"), f"{visit['name']}: background {visit['background']} light")
