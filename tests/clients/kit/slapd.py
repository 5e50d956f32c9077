"""OpenLDAP's server, as Debian packages it: a process of its own, with data of its own."""

import os
import shutil
import signal
import socket
import subprocess
import time

from .case import Failed, expect

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile {folder}/slapd.pid
# As careless as a server may be: a bind without a password succeeds.
allow bind_anon_cred bind_anon_dn
TLSCertificateFile {cert}
TLSCertificateKeyFile {key}
security ssf=0
database mdb
suffix "dc=example,dc=com"
rootdn "cn=root,dc=example,dc=com"
rootpw {root_password}
directory {folder}/data
overlay ppolicy
ppolicy_default "cn=policy,dc=example,dc=com"
{more}
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=example,dc=com" read by * none
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Slapd:
    def __init__(self, folder, server, ldif, root_password, more=""):
        """`server` is its certificate; `ldif` what is in it."""
        self.folder = folder / "slapd"
        (self.folder / "data").mkdir(parents=True)
        self.program = shutil.which("slapd") or "/usr/sbin/slapd"
        self.config, self.log = self.folder / "slapd.conf", self.folder / "slapd.log"
        self.config.write_text(CONFIG.format(
            folder=self.folder, cert=server.pem, key=server.key, root_password=root_password, more=more))
        (self.folder / "people.ldif").write_text(ldif)
        self._tool("slapadd", "-l", self.folder / "people.ldif")
        self.ldap, self.ldaps = free_port(), free_port()
        self.process = None
        self.start()

    def _tool(self, name, *arguments):
        # One program under several names.
        command = [name, "-f", str(self.config), *map(str, arguments)]
        done = subprocess.run(command, executable=self.program, capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"{name}: {done.stderr}")

    def start(self):
        addresses = f"ldap://127.0.0.1:{self.ldap} ldaps://127.0.0.1:{self.ldaps}"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "-d", "stats", "-h", addresses, "-f", self.config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.ldaps), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise Failed(f"slapd does not start:\n{self.log.read_text()}") from None
                time.sleep(0.05)

    def signal(self, which):
        os.kill(self.process.pid, which)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(20)

    def lines(self, word):
        """Lines of the log with this word."""
        return [line for line in self.log.read_text(errors="replace").splitlines() if word in line]
