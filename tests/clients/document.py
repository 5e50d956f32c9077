"""The served document before other people's judges."""

import json
import os
import subprocess

import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

from kit.case import CLIENTS, Case, expect
from kit.curl import curl

REDOCLY = CLIENTS / "node_modules" / ".bin" / "redocly"


class Document(Case):
    def document(self):
        return curl(self.server, "GET", "/openapi.json").expect(200)

    def valid(self, document):
        expect(document["openapi"].startswith("3.0."), f"openapi: {document['openapi']}")
        errors = OpenAPIV30SpecValidator(document).iter_errors()
        errors = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in errors]
        expect(not errors, "\n".join(errors))

    def test_it_is_openapi_3_0(self):
        self.valid(self.document())

    def test_the_documents_of_single_plugins_are_too(self):
        plugins = curl(self.server, "GET", "/openapi/plugins.json").expect(200)
        expect(plugins, "no plugin has a document")
        for plugin in plugins:
            self.valid(curl(self.server, "GET", plugin["url"]).expect(200))

    def test_redocly_finds_no_fault(self):
        file = self.folder / "openapi.json"
        file.write_text(json.dumps(self.document()))
        done = subprocess.run(
            [REDOCLY, "lint", "--config", CLIENTS / "redocly.yaml", "--format", "stylish", file],
            cwd=self.folder, capture_output=True, text=True, timeout=120, check=False,
            # It may not call home.
            env=os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        )
        expect(done.returncode == 0, done.stdout + done.stderr)

    def test_yaml_says_the_same_as_json(self):
        text = curl(self.server, "GET", "/openapi.yaml").expect(200)
        expect(yaml.safe_load(text) == self.document(), "/openapi.yaml differs from /openapi.json")
