"""Passwords of a real directory: OpenLDAP over LDAPS and STARTTLS."""

import signal
import time

from kit.case import Case, expect, same
from kit.curl import curl
from kit.pki import Ca
from kit.slapd import Slapd

PEOPLE = """
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: cn=policy,dc=example,dc=com
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE

dn: cn=reader,dc=example,dc=com
objectClass: device
objectClass: simpleSecurityObject
cn: reader
userPassword: reads-people-only

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: uid=ada,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: ada
cn: Ada
sn: Lovelace
mail: ada@example.com
userPassword: analytical-engine

dn: uid=star\\2a(x),ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: star*(x)
cn: Star
sn: Star
userPassword: starry-night-42

dn: uid=twin,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: twin
cn: Twin
sn: One
userPassword: castor-password

dn: cn=other twin,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: twin
cn: other twin
sn: Two
userPassword: pollux-password

dn: uid=locked,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: locked
cn: Locked
sn: Locked
userPassword: locked-out-for-ever
pwdAccountLockedTime: 000001010000Z
"""

CONFIG = """
[plugins.ldap]
server = "main"
[plugins.directory.servers.main]
urls = ["{url}"]
roots = "{roots}"
bind_dn = "cn=reader,dc=example,dc=com"
bind_password = "reads-people-only"
base = "ou=people,dc=example,dc=com"
filter = "(&(objectClass=inetOrgPerson)(uid={{username}}))"
connect_timeout_ms = 500
timeout_ms = 1500
[login.policy]
first = ["ldap", "password"]
[login.block_config]
user_attempts_limit = 100
ip_attempts_limit = 1000
[http.rate]
per_second = 0
steps_per_second = 0
"""


class Ldap(Case):
    def server_with(self, url, roots):
        if self.servers:
            self.servers[-1].stop()
        self.config = CONFIG.format(url=url, roots=roots)
        server = self.start()
        server.secrets.update({"reads-people-only", "analytical-engine", "starry-night-42"})
        return server

    def log_in(self, username, password):
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": username}).expect(200)
        body = {"transaction": begun["transaction"], "answer": {"password": password}}
        return curl(self.server, "POST", "/auth/v1/login/ldap", body)

    def people(self, *names):
        """Makes them; nobody is made by logging in."""
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": "admin"}).expect(200)
        body = {"transaction": begun["transaction"], "answer": {"password": self.server.password}}
        token = curl(self.server, "POST", "/auth/v1/login/password", body).expect(200)["access_token"]
        for name in names:
            curl(self.server, "POST", "/auth/v1/people", {"username": name}, bearer=token).expect(201)

    def test_a_person_logs_in_over_ldaps(self):
        self.ca = Ca(self.folder, "ca")
        leaf = self.ca.issue("localhost", "subjectAltName = DNS:localhost")
        self.slapd = Slapd(self.folder, leaf, PEOPLE, "root-of-all-entries")
        self.server_with(f"ldaps://localhost:{self.slapd.ldaps}", self.ca.pem)
        self.people("ada", "star*(x)", "twin", "locked", "*", "a*", "ada)(uid=*")
        done = self.log_in("ada", "analytical-engine").expect(200)
        same((done["status"], done["amr"]), ("done", ["pwd"]), "the login")
        self.log_in("Ada", "analytical-engine").expect(200)

    def test_all_else_is_refused_alike(self):
        wrong = self.log_in("ada", "analytical-engin")
        wrong.expect(401)
        for username, password in [
            ("ada", ""), ("nobody", "analytical-engine"), ("star*(x)", "analytical-engine"),
            ("twin", "castor-password"), ("twin", "pollux-password"), ("locked", "locked-out-for-ever"),
            # Names that would be filters: none of them finds Ada.
            ("*", "analytical-engine"), ("a*", "analytical-engine"), ("ada)(uid=*", "analytical-engine"),
        ]:
            refused = self.log_in(username, password)
            same((refused.status, refused.text), (401, wrong.text), f"{username} {password}")

    def test_a_name_with_metacharacters_is_found(self):
        self.log_in("star*(x)", "starry-night-42").expect(200)

    def test_an_empty_password_never_reaches_the_directory(self):
        # This slapd takes a name without a password for a bind of nobody, and says yes.
        asked = len(self.slapd.lines("SRCH base=")), len(self.slapd.lines("BIND dn="))
        self.log_in("ada", "").expect(401)
        same((len(self.slapd.lines("SRCH base=")), len(self.slapd.lines("BIND dn="))), asked, "what slapd was asked")
        self.log_in("ada", "x").expect(401)
        expect(len(self.slapd.lines("BIND dn=")) > asked[1], "the log of slapd shows no binds")

    def test_searches_share_connections_and_binds_do_not(self):
        before = len(self.slapd.lines("ACCEPT from"))
        for _ in range(5):
            self.log_in("ada", "analytical-engine").expect(200)
        same(len(self.slapd.lines("ACCEPT from")) - before, 5, "connections for five logins")

    def test_a_directory_that_is_restarted(self):
        self.slapd.stop()
        gone = self.log_in("ada", "analytical-engine")
        gone.expect(503)
        same(self.log_in("nobody", "analytical-engine").text, gone.text, "somebody who does not exist, meanwhile")
        self.slapd.start()
        self.log_in("ada", "analytical-engine").expect(200)

    def test_a_directory_that_hangs(self):
        self.slapd.signal(signal.SIGSTOP)
        begun = time.monotonic()
        self.log_in("ada", "analytical-engine").expect(503)
        took = time.monotonic() - begun
        expect(took < 5, f"{took:.1f} s")
        self.slapd.signal(signal.SIGCONT)
        self.log_in("ada", "analytical-engine").expect(200)

    def test_starttls(self):
        self.server_with(f"ldap://localhost:{self.slapd.ldap}", self.ca.pem)
        before = len(self.slapd.lines("STARTTLS"))
        self.log_in("ada", "analytical-engine").expect(200)
        same(len(self.slapd.lines("STARTTLS")) - before, 2, "STARTTLS for the search and for the bind")

    def test_another_ca_or_another_name_is_not_believed(self):
        binds = len(self.slapd.lines("BIND dn="))
        stranger = Ca(self.folder, "stranger")
        self.server_with(f"ldaps://localhost:{self.slapd.ldaps}", stranger.pem)
        self.log_in("ada", "analytical-engine").expect(503)
        # The certificate is for localhost.
        self.server_with(f"ldaps://127.0.0.1:{self.slapd.ldaps}", self.ca.pem)
        self.log_in("ada", "analytical-engine").expect(503)
        same(len(self.slapd.lines("BIND dn=")), binds, "binds that the directory has seen")

    def test_idaas_calls_it_external(self):
        self.server_with(f"ldaps://localhost:{self.slapd.ldaps}", self.ca.pem)
        about = {"applicationId": "default", "userId": "ada"}
        path = "/authentication/users/authenticate/EXTERNAL"
        posed = curl(self.server, "POST", f"/api/web/v2{path}", about).expect(200)
        done = curl(self.server, "POST", f"/api/web/v1{path}/complete", about | {"response": "analytical-engine"},
                    authorization=posed["token"]).expect(200)
        same(done["authenticationCompleted"], True, "authenticationCompleted")

    def stop(self):
        super().stop()
        if "slapd" in vars(self):
            self.slapd.stop()
