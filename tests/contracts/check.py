#!/usr/bin/env python3
"""Holds a served OpenAPI document against a wire contract.

usage: check.py SERVED.json CONTRACT.yaml [--base /rest] [--only REGEX] [--skip REGEX]
       --only and --skip pick operations by "METHOD /base/path"

Prints one line for each thing of the contract that the served document lacks: a path with its method, a parameter
(and its being required), a request or response field (and its type), a status code. Path parameters count by their
places, not by their names. What the contract marks with x-inferred is a guess of its authors and does not count;
nor does what it marks with x-since or x-later-values, which clients of its edition don't know.

Exit status 0: nothing missing. Needs PyYAML.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import yaml

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
# OpenAPI tools ignore header parameters of these names (OpenAPI 3.0.3, Parameter Object).
IGNORED_HEADERS = ("authorization", "accept", "content-type")
# A schema may hold itself.
DEEPEST = 6


class Document:
    """An OpenAPI document and what can be asked of its schemas."""

    def __init__(self, text):
        self.text = text

    def deref(self, node):
        """What a node is, behind its references."""
        for _ in range(50):
            if not isinstance(node, dict) or "$ref" not in node:
                break
            target = self.text
            for part in node["$ref"].lstrip("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def fields(self, schema, seen=()):
        """Property name -> schema, through $ref, allOf, oneOf, anyOf."""
        schema = self.deref(schema or {})
        if id(schema) in seen:
            return {}
        seen = (*seen, id(schema))
        found = dict(schema.get("properties") or {})
        for key in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(key) or []:
                found.update(self.fields(part, seen))
        return found

    def kind(self, schema):
        """The type of a schema; `integer` is a `number`, and null beside another type does not count."""
        schema = self.deref(schema or {})
        if "type" in schema:
            kind = schema["type"]
            if isinstance(kind, list):
                kind = next((one for one in kind if one != "null"), None)
            return "number" if kind == "integer" else kind
        for key in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(key) or []:
                kind = self.kind(part)
                if kind and kind != "null":
                    return kind
        return "object" if schema.get("properties") else None

    def body(self, holder):
        """Media type and schema of a request or reply."""
        for media, value in (self.deref(holder or {}).get("content") or {}).items():
            return media.split(";")[0].strip(), value.get("schema") or {}
        return None, None

    def operations(self, base=None):
        """(METHOD, whole path, path item, operation) of each one."""
        base = base_of(self.text) if base is None else base.rstrip("/")
        for path, item in (self.text.get("paths") or {}).items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), base_of(item, base) + path, item, item[method]

    def parameters(self, item, operation):
        both = (item.get("parameters") or []) + (operation.get("parameters") or [])
        return [self.deref(parameter) for parameter in both]


def base_of(node, default=""):
    """Path of the first server URL; a path item's own `servers` win over the document's."""
    for server in node.get("servers") or []:
        found = re.match(r"^(?:[a-z]+://[^/]+)?(/.*)?$", server.get("url", ""))
        if found:
            return (found.group(1) or "").rstrip("/")
    return default


def shape(path):
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/") or "/")


class Check:
    """One contract against one served document."""

    def __init__(self, served, contract):
        self.served, self.contract = Document(served), Document(contract)
        operations = self.served.operations()
        self.have = {(method, shape(path)): (item, operation) for method, path, item, operation in operations}

    def run(self, base=None, only="", skip=None):
        """(lines that say what is missing, operations that are whole, operations)."""
        missing, whole, total = [], 0, 0
        for method, path, item, operation in self.contract.operations(base):
            name = f"{method} {path}"
            if not re.search(only, name) or (skip and re.search(skip, name)):
                continue
            total += 1
            found = self.have.get((method, shape(path)))
            lines = [f"{name}: not served"] if found is None else list(self.operation(name, item, operation, *found))
            whole += not lines
            missing += lines
        return missing, whole, total

    def operation(self, name, item, operation, served_item, served):
        yield from self.parameters(name, item, operation, served_item, served)
        yield from self.request(name, operation, served)
        for status, reply in (operation.get("responses") or {}).items():
            yield from self.reply(name, str(status), self.contract.deref(reply), served)

    def parameters(self, name, item, operation, served_item, served):
        there = {(p["in"], p["name"].lower()): p for p in self.served.parameters(served_item, served)}
        for parameter in self.contract.parameters(item, operation):
            where, word = parameter["in"], parameter["name"].lower()
            ignored = where in ("path", "cookie") or (where == "header" and word in IGNORED_HEADERS)
            if ignored or parameter.get("x-inferred"):
                continue
            found = there.get((where, word))
            if found is None:
                yield f"{name}: {where} parameter {parameter['name']} missing"
            elif parameter.get("required") and not found.get("required"):
                yield f"{name}: parameter {parameter['name']} is required in the contract"

    def request(self, name, operation, served):
        media, schema = self.contract.body(operation.get("requestBody"))
        served_media, served_schema = self.served.body(served.get("requestBody"))
        if schema is None:
            return
        if served_schema is None:
            yield f"{name}: request body missing"
            return
        if media != served_media:
            yield f"{name}: request is {media} in the contract, {served_media} served"
        yield from self.schema(f"{name}: request", schema, served_schema)

    def reply(self, name, status, reply, served):
        if reply.get("x-inferred"):
            return
        found = (served.get("responses") or {}).get(status)
        if found is None:
            yield f"{name}: status {status} missing"
            return
        _, schema = self.contract.body(reply)
        _, served_schema = self.served.body(found)
        if not schema or not status.startswith("2"):
            return
        if served_schema is not None:
            yield from self.schema(f"{name}: {status}", schema, served_schema)
        elif self.contract.fields(schema) or self.contract.kind(schema) == "array":
            yield f"{name}: {status} has no body"

    def schema(self, where, schema, served, depth=0):
        schema, served = self.contract.deref(schema or {}), self.served.deref(served or {})
        kind, served_kind = self.contract.kind(schema), self.served.kind(served)
        if kind and served_kind and kind != served_kind:
            yield f"{where}: type {kind} in the contract, {served_kind} served"
            return
        if depth > DEEPEST:
            return
        if kind == "array":
            yield from self.schema(where + "[]", schema.get("items"), served.get("items"), depth + 1)
            return
        fields, there = self.contract.fields(schema), self.served.fields(served)
        if fields and not there and served.get("additionalProperties"):
            return
        for name, part in fields.items():
            if isinstance(part, dict) and (part.get("x-since") or part.get("x-later-values")):
                continue
            if name not in there:
                yield f"{where}: field {name} missing"
            else:
                yield from self.schema(f"{where}.{name}", part, there[name], depth + 1)


def load(path):
    text = Path(path).read_text(encoding="utf-8")
    return json.loads(text) if str(path).endswith(".json") else yaml.safe_load(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("served")
    parser.add_argument("contract")
    parser.add_argument("--base", help="prefix of the contract's paths (default: the path of its first server URL)")
    parser.add_argument("--only", default="", help="check only operations whose METHOD /path matches")
    parser.add_argument("--skip", help="leave out operations whose METHOD /path matches")
    a = parser.parse_args()
    missing, whole, total = Check(load(a.served), load(a.contract)).run(a.base, a.only, a.skip)
    for line in missing:
        print(line)
    print(f"{Path(a.contract).name}: {whole} of {total} operations whole, {len(missing)} things missing")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
