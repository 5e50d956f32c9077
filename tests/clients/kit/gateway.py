"""A gateway for text messages that verifies what it gets as https://www.standardwebhooks.com says."""

import base64
import hashlib
import hmac
import http.server
import json
import secrets
import threading
import time

from .case import expect

# A debug build on a busy machine; a message arrives within milliseconds otherwise.
WITHIN = 20
# The specification's tolerance.
OLDEST = 300


class Gateway:
    def __init__(self):
        key = secrets.token_bytes(32)
        self.secret = "whsec_" + base64.b64encode(key).decode()
        # Statuses for the next requests; then 202.
        self.answers = []
        self.messages, self.tries = [], []
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(gateway._judge(self.headers, body))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.key = key
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/send"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _judge(self, headers, body):
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = "v1," + base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        given = headers["webhook-signature"].split()
        right = any(hmac.compare_digest(one, expected) for one in given)
        status = 401
        if right and abs(time.time() - int(headers["webhook-timestamp"])) <= OLDEST:
            status = self.answers.pop(0) if self.answers else 202
        message = json.loads(body)
        self.tries.append((headers["webhook-id"], status))
        if status < 300 and headers["webhook-id"] == message["id"]:
            self.messages.append(message)
        return status

    def message(self):
        """The one that has come, or comes now."""
        begun = time.monotonic()
        while not self.messages:
            expect(time.monotonic() - begun < WITHIN, f"no message; the tries were {self.tries}")
            time.sleep(0.02)
        expect(len(self.messages) == 1, f"{len(self.messages)} messages instead of one")
        return self.messages.pop()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
