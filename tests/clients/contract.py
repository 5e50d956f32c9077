"""The served document against the wire contracts of existing clients."""

import importlib.util

from kit.case import TESTS, Case, expect
from kit.curl import curl

CONTRACTS = TESTS / "contracts"
# Contracts of which everything is served but the operations whose path begins like this.
WHOLE = {
    "idaas": (),
    # SCIM.
    "vault": ("/scim/",),
}


def checker():
    """tests/contracts/check.py: a program of its own, so no package holds it."""
    spec = importlib.util.spec_from_file_location("contract_check", CONTRACTS / "check.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Contract(Case):
    def test_what_the_contracts_ask_for_is_served(self):
        check = checker()
        document = curl(self.server, "GET", "/openapi.json").expect(200)
        files = sorted(CONTRACTS.glob("*.yaml"))
        expect(WHOLE.keys() <= {file.stem for file in files}, f"a contract is gone: {WHOLE} of {files}")
        trouble = []
        for file in files:
            missing, whole, total = check.Check(document, check.load(file)).run()
            print(f"      {file.name}: {whole} of {total} operations whole, {len(missing)} things missing", flush=True)
            later = WHOLE.get(file.stem)
            for line in missing:
                absent = line.endswith(": not served")
                if not absent or (later is not None and not any(f" {path}" in line.replace("/api/oidc", "") for path in later)):
                    trouble.append(line)
        expect(not trouble, "\n".join(trouble))
