"""A push service that decrypts what it is sent, as the devices would: npm's web-push-testing, in a process of its own."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[1] / "node_modules/web-push-testing/src/bin/server.js"
START_SECONDS = 30


class PushService:
    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        with open(folder / "push-service.out", "wb") as out:
            self.process = subprocess.Popen(
                ["node", PROGRAM, str(self.port)], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._post("/status", {})
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.stop()
                    raise
                time.sleep(0.05)

    def _post(self, path, body):
        data = json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/json"}, method="POST",
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.read()

    def subscribe(self, key):
        """A device's subscription for this server's key, and the name under which its messages are read."""
        told = json.loads(self._post("/subscribe", {"userVisibleOnly": "true", "applicationServerKey": key}))["data"]
        return {"endpoint": told["endpoint"], **told["keys"]}, told["clientHash"]

    def messages(self, client, at_least=1, within=20):
        """What has arrived for a client, decrypted; waits until there is so much."""
        deadline = time.monotonic() + within
        while True:
            try:
                told = json.loads(self._post("/get-notifications", {"clientHash": client}))
                found = [json.loads(text) for text in told["data"]["messages"]]
            except urllib.error.HTTPError:
                # It knows no such client before the first message.
                found = []
            if len(found) >= at_least or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        self.process.wait()
