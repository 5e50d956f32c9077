"""Certificates of people: openssl's, shown by curl in TLS, by a proxy's header, and by a signature."""

import base64
import json
import subprocess
import time
import urllib.parse

from kit.case import Case, expect, same
from kit.curl import SECRET_MEMBERS, Reply, secrets_in
from kit.pki import Ca, openssl
from kit.server import Server, TlsServer

CLIENT = ("keyUsage = critical, digitalSignature", "extendedKeyUsage = clientAuth")

COMMON = """
[plugins.trust.stores.people]
roots = ["{root}"]
crls = ["{crl}", "{between_crl}"]
[plugins.certificate]
store = "people"
{more}
[login.policy]
first = ["password", "certificate"]
second_factor = "never"
[login.block_config]
user_attempts_limit = 1000
ip_attempts_limit = 10000
[http.rate]
per_second = 0
steps_per_second = 0
"""

TLS = """
[http.tls]
cert = "{cert}"
key = "{key}"
client_roots = "{root}"
"""

PROXIED = """
[http]
trusted_proxies = ["{proxy}"]
client_certificate_header = "{header}"
"""


def soon_not(status, ask):
    """The first reply of another status; the lists are read again within a second of their change."""
    until = time.monotonic() + 10
    while (reply := ask()).status == status and time.monotonic() < until:
        time.sleep(0.2)
    return reply


class Certificate(Case):
    def make_authorities(self):
        self.ca, self.servers_ca = Ca(self.folder, "people"), Ca(self.folder, "servers")
        self.stranger = Ca(self.folder, "strangers")
        self.host = self.servers_ca.issue("localhost", "subjectAltName = DNS:localhost, IP:127.0.0.1")
        self.ada = self.ca.issue("ada", *CLIENT, "subjectAltName = email:ada@example.com, "
                                 "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:ada@corp.example")
        self.grace = self.ca.issue("grace", *CLIENT, kind="rsa")
        self.ca.crl()
        # An authority between, with a list of its own.
        self.between = Ca(self.folder, "between")
        issued = self.ca.issue("between-issued", "basicConstraints = critical, CA:TRUE, pathlen:0",
                               "keyUsage = critical, keyCertSign, cRLSign", subject="/CN=between")
        (self.between.folder / "ca.pem").write_text(issued.pem.read_text())
        (self.between.folder / "ca.key").write_text(issued.key.read_text())
        self.between.crl()

    def begin_server(self, head, more=""):
        for server in self.servers:
            server.stop()
        config = head + COMMON.format(root=self.ca.pem, crl=self.ca.crl_file, between_crl=self.between.crl_file, more=more)
        secrets = self.servers[-1].secrets if self.servers else None
        kind = TlsServer if "[http.tls]" in head else Server
        server = kind(self.folder / "data", self.folder, config=config, secrets=secrets)
        self.password = server.password or self.password
        server.secrets.add(self.password)
        self.servers.append(server)

    def curl(self, path, body, bearer=None, card=None, headers=(), authorization=None, source=None, chain=None):
        command = ["curl", "--silent", "--show-error", "--max-time", "20", "--include", "--http1.1",
                   "--cacert", str(self.servers_ca.pem), "--header", "Content-Type: application/json"]
        if bearer or authorization:
            command += ["--header", f"Authorization: {authorization or 'Bearer ' + bearer}"]
        if card:
            command += ["--cert", str(chain or card.pem), "--key", str(card.key)]
        if source:
            command += ["--interface", source]
        for header in headers:
            command += ["--header", header]
        url = self.server.url.replace("127.0.0.1", "localhost") if card else self.server.url
        if source:
            url = self.server.url
        done = subprocess.run([*command, "--data-binary", "@-", url + path], input=json.dumps(body),
                              capture_output=True, text=True, check=False)
        if done.returncode:
            return Reply(path, 0, {}, done.stderr)
        head, _, text = done.stdout.partition("\n\n")
        status, *lines = head.splitlines()
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        reply = Reply(path, int(status.split()[1]), fields, text)
        if reply.is_json and text:
            self.server.secrets.update(secrets_in(reply.json, SECRET_MEMBERS))
        return reply

    def token_of(self, username, password):
        begun = self.curl("/auth/v1/login", {"username": username}).expect(200)
        body = {"transaction": begun["transaction"], "answer": {"password": password}}
        return self.curl("/auth/v1/login/password", body).expect(200)["access_token"]

    def ask(self, begin):
        """The transaction and the challenge."""
        begun = self.curl("/auth/v1/login", begin).expect(200)
        posed = self.curl("/auth/v1/login/certificate/challenge", {"transaction": begun["transaction"]}).expect(200)
        return posed["transaction"], posed["prompt"]["challenge"]

    def log_in(self, begin, answer=None, **how):
        transaction, _ = self.ask(begin)
        return self.curl("/auth/v1/login/certificate", {"transaction": transaction, "answer": answer or {}}, **how)

    def test_a_certificate_is_set_up_and_logs_in_over_tls(self):
        self.make_authorities()
        TlsServer.ca = self.servers_ca.pem
        self.tls = TLS.format(cert=self.host.pem, key=self.host.key, root=self.ca.pem)
        self.begin_server(self.tls)
        admin = self.token_of("admin", self.password)
        for name in ["ada", "grace"]:
            made = self.curl("/auth/v1/people", {"username": name}, bearer=admin).expect(201)
            body = {"password": f"plum-Orbit 42 {name}"}
            self.server.secrets.add(body["password"])
            self.put_password(made["id"], body, admin)
        for name, card in [("ada", self.ada), ("grace", self.grace)]:
            token = self.token_of(name, f"plum-Orbit 42 {name}")
            invited = self.curl("/auth/v1/enrol/certificate", {"invite": {"label": "Card"}}, bearer=token).expect(200)
            body = {"transaction": invited["transaction"], "proof": {}}
            self.curl("/auth/v1/enrol/certificate/complete", body, bearer=token).expect(422)
            self.curl("/auth/v1/enrol/certificate/complete", body, bearer=token, card=card).expect(200)
        for begin in [{}, {"username": "ada"}]:
            done = self.log_in(begin, card=self.ada).expect(200)
            same((done["status"], done["person"]["username"]), ("done", "ada"), "the login")
        same(self.log_in({}, card=self.grace).expect(200)["person"]["username"], "grace", "who it is")

    def put_password(self, person, body, admin):
        command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", str(self.servers_ca.pem), "-X", "PUT",
                   "-H", f"Authorization: Bearer {admin}", "-H", "Content-Type: application/json",
                   "--data-binary", "@-", f"{self.server.url}/auth/v1/people/{person}/password"]
        done = subprocess.run(command, input=json.dumps(body), capture_output=True, text=True, check=False)
        expect(done.stdout.startswith("2"), f"the password is not set: {done.stdout} {done.stderr}")

    def test_all_others_are_refused(self):
        none = self.log_in({"username": "ada"})
        none.expect(401)
        same(self.log_in({"username": "ada"}, card=self.grace).text, none.text, "another one's")
        same(self.log_in({"username": "nobody"}, card=self.ada).text, none.text, "somebody who does not exist")
        # What does not chain does not get through the handshake; what does is not set up.
        for card, statuses in [(self.stranger.issue("ada", *CLIENT), (0,)), (self.ca.issue("new", *CLIENT), (401,))]:
            reply = self.log_in({"username": "ada"}, card=card)
            expect(reply.status in statuses, f"{reply.status} {reply.text}")

    def test_a_revoked_certificate_is_refused_without_a_restart(self):
        self.ca.revoke(self.grace)
        self.ca.crl()
        reply = soon_not(200, lambda: self.log_in({}, card=self.grace))
        reply.expect(401)
        self.log_in({}, card=self.ada).expect(200)

    def test_an_authority_between(self):
        card = self.between.issue("ada-below", *CLIENT)
        chain = self.folder / "chain.pem"
        chain.write_text(card.pem.read_text() + (self.between.folder / "ca.pem").read_text())
        token = self.token_of("ada", "plum-Orbit 42 ada")
        invited = self.curl("/auth/v1/enrol/certificate", {}, bearer=token).expect(200)
        body = {"transaction": invited["transaction"], "proof": {}}
        self.curl("/auth/v1/enrol/certificate/complete", body, bearer=token, card=card, chain=chain).expect(200)
        self.log_in({}, card=card, chain=chain).expect(200)

    def test_a_list_that_is_too_old_lets_nobody_in(self):
        good = self.ca.crl_file.read_text()
        self.ca.crl("-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200201000000Z")
        reply = soon_not(200, lambda: self.log_in({}, card=self.ada))
        reply.expect(401)
        self.ca.crl_file.write_text(good)

    def test_a_listed_proxy_hands_certificates_on(self):
        der = base64.b64encode(self.der(self.ada)).decode()
        # 127.0.0.2 is the proxy; 127.0.0.1 is somebody else on this machine.
        for header, value in [("client-cert", f":{der}:"), ("x-ssl-client-cert", urllib.parse.quote(self.ada.pem.read_text(), safe=""))]:
            self.begin_server(PROXIED.format(proxy="127.0.0.2", header=header))
            sent = [f"{header}: {value}"]
            self.log_in({}, headers=sent, source="127.0.0.2").expect(200)
            refused = self.log_in({"username": "ada"}, headers=sent, source="127.0.0.1")
            refused.expect(401)
            same(self.log_in({"username": "ada"}, source="127.0.0.2").text, refused.text, "without a header")
            self.log_in({"username": "ada"}, headers=[f"{header}: {value[:-30]}"], source="127.0.0.2").expect(400)
            self.log_in({"username": "ada"}, headers=sent * 2, source="127.0.0.2").expect(400)

    def test_every_flaw_is_seen_behind_a_proxy_too(self):
        # The proxy has checked nothing, and the name in the certificate would be enough.
        head = PROXIED.format(proxy="127.0.0.1", header="client-cert")
        self.begin_server(head, 'username_from = "cn"')

        def show(card):
            header = f"Client-Cert: :{base64.b64encode(self.der(card)).decode()}:"
            return self.log_in({"username": "ada"}, headers=[header])

        def shown(name, *extensions, ca=self.ca, **how):
            return show(ca.issue(name, *extensions, subject="/CN=ada", **how))

        for kind in ["ec", "rsa"]:
            shown(f"good-{kind}", *CLIENT, kind=kind).expect(200)
        for reply in [
            shown("expired", *CLIENT, start="20200101000000Z", end="20210101000000Z"),
            shown("early", *CLIENT, start="20400101000000Z", end="20410101000000Z"),
            shown("server", CLIENT[0], "extendedKeyUsage = serverAuth"),
            shown("purposeless", CLIENT[0]),
            shown("encrypts", "keyUsage = keyEncipherment", CLIENT[1]),
            shown("authority", *CLIENT, "basicConstraints = CA:TRUE"),
            shown("stranger", *CLIENT, ca=self.stranger),
        ]:
            reply.expect(401)
        revoked = self.ca.issue("revoked", *CLIENT, subject="/CN=ada")
        show(revoked).expect(200)
        self.ca.revoke(revoked)
        self.ca.crl()
        soon_not(200, lambda: show(revoked)).expect(401)
        shown("last", *CLIENT).expect(200)

    def test_a_signature_of_openssl_at_the_idaas_api(self):
        self.begin_server("", "accept_signatures = true")
        about = {"applicationId": "default", "userId": "ada"}
        path = "/authentication/users/authenticate/USER_CERTIFICATE"
        posed = self.curl(f"/api/web/v2{path}", about).expect(200)
        text = posed["userCertificateChallenge"]["challenge"]
        for what, status in [("something else", 401), (text, 200)]:
            body = {"userCertificateResponse": {"code": self.signature(what), "verifier": self.ada.pem.read_text()}}
            done = self.curl(f"/api/web/v1{path}/complete", about | body, authorization=posed["token"])
            done.expect(status)
        same(done.json["authenticationCompleted"], True, "authenticationCompleted")

    def signature(self, text):
        file = self.folder / "text"
        file.write_text(text)
        openssl("dgst", "-sha256", "-sign", self.ada.key, "-out", self.folder / "signature", file)
        return base64.b64encode((self.folder / "signature").read_bytes()).decode()

    def der(self, issued):
        openssl("x509", "-in", issued.pem, "-outform", "DER", "-out", self.folder / "own.der")
        return (self.folder / "own.der").read_bytes()
