"""A device of a person, as somebody else would build it from the README: a key, three kinds of statements."""

import base64
import hashlib
import json
import time
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from .curl import curl


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def of_link(link):
    """What a link says: server, tenant, for, wake, …"""
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


class Phone:
    def __init__(self, server, authenticator, algorithm="Ed25519"):
        self.server, self.authenticator, self.asked = server, authenticator, 0
        if algorithm == "Ed25519":
            self.key = ed25519.Ed25519PrivateKey.generate()
            self.jwk = {"crv": "Ed25519", "kty": "OKP", "x": base64url(self.key.public_key().public_bytes_raw())}
        else:
            self.key = ec.generate_private_key(ec.SECP256R1())
            point = self.key.public_key().public_numbers()
            x, y = (base64url(n.to_bytes(32, "big")) for n in (point.x, point.y))
            self.jwk = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
        canonical = json.dumps(self.jwk, separators=(",", ":"), sort_keys=True)
        self.name = base64url(hashlib.sha256(canonical.encode()).digest())

    def statement(self, about, fields):
        lines = [f"gatewright-device-1 {about}\n"]
        for name, value in {"tenant": "default", "for": self.authenticator, **fields}.items():
            lines.append(f"{name}={len(str(value).encode())}:{value}\n")
        return "".join(lines).encode()

    def sign(self, about, fields):
        statement = self.statement(about, fields)
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return base64url(self.key.sign(statement))
        r, s = decode_dss_signature(self.key.sign(statement, ec.ECDSA(hashes.SHA256())))
        return base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def report(self, event):
        curl(self.server, "POST", f"/auth/v1/callback/{self.authenticator}", event).expect(202)

    def pair(self, link, name="Phone", subscription=None):
        """Answers an invitation; what it shows then."""
        said = of_link(link)
        push = subscription or {}
        fields = {
            "wake": said["wake"], "nonce": said["nonce"], "key": self.name, "name": name,
            "endpoint": push.get("endpoint", ""), "p256dh": push.get("p256dh", ""), "auth": push.get("auth", ""),
            "certificates": "",
        }
        pair = {"key": self.jwk, "name": name, "signature": self.sign("pair", fields)}
        if subscription:
            pair["push"] = subscription
        self.report({"wake": said["wake"], "pair": pair})
        check = hashlib.sha256(self.statement("check", {"nonce": said["nonce"], "key": self.name})).digest()
        return f"{int.from_bytes(check[:4], 'big') % 10_000:04}"

    def ask(self, wake=""):
        """What waits for it, or what this one challenge is about."""
        # Later than the ask before, however fast they follow each other.
        self.asked = max(int(time.time() * 1000), self.asked + 1)
        fields = {"wake": wake, "device": self.name, "at_ms": self.asked}
        ask = {"device": self.name, "at_ms": self.asked, "signature": self.sign("ask", fields)}
        if wake:
            ask["wake"] = wake
        return curl(self.server, "POST", f"/auth/v1/device/{self.authenticator}", {"ask": ask})

    def decide(self, told, decision, number=None):
        prompt = base64url(hashlib.sha256(told["shown"].encode()).digest())
        decided = {"device": self.name, "decision": decision, "number": number, "prompt": prompt, "at": int(time.time())}
        fields = {"wake": told["wake"], **decided, "number": "" if number is None else number}
        self.report({"wake": told["wake"], "decide": {**decided, "signature": self.sign("decide", fields)}})
