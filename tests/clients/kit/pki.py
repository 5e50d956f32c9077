"""Certificates of a throw-away CA, made by openssl."""

import subprocess

from .case import expect

CONFIG = """
[ca]
default_ca = it
[it]
dir = {folder}
database = {folder}/index.txt
serial = {folder}/serial
crlnumber = {folder}/crlnumber
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
copy_extensions = none
unique_subject = no
[any]
commonName = supplied
organizationName = optional
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"openssl {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def new_key(path, kind="ec"):
    if kind == "rsa":
        openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path)
    else:
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)


class Issued:
    """A certificate with its key."""

    def __init__(self, pem, key):
        self.pem, self.key = pem, key

    def fingerprint(self):
        """SHA-256 in hex digits."""
        text = openssl("x509", "-in", self.pem, "-noout", "-fingerprint", "-sha256")
        return text.split("=")[1].strip().replace(":", "").lower()


class Ca:
    def __init__(self, folder, name):
        self.folder = folder / name
        self.folder.mkdir()
        self.config = self.folder / "openssl.cnf"
        self.config.write_text(CONFIG.format(folder=self.folder))
        (self.folder / "index.txt").touch()
        (self.folder / "serial").write_text("01\n")
        (self.folder / "crlnumber").write_text("01\n")
        self.pem, self.crl_file = self.folder / "ca.pem", self.folder / "crl.pem"
        new_key(self.folder / "ca.key")
        openssl("req", "-x509", "-new", "-key", self.folder / "ca.key", "-subj", f"/CN={name}", "-days", "30",
                "-config", self.config, "-extensions", "root", "-out", self.pem)

    def issue(self, name, *extensions, subject=None, start=None, end=None, kind="ec"):
        """A certificate with these extensions; `start` and `end` as YYYYMMDDHHMMSSZ."""
        pem, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request, wanted = self.folder / f"{name}.csr", self.folder / f"{name}.cnf"
        new_key(key, kind)
        wanted.write_text("[it]\nauthorityKeyIdentifier = keyid\n" + "".join(f"{line}\n" for line in extensions))
        openssl("req", "-new", "-key", key, "-subj", subject or f"/CN={name}", "-config", self.config, "-out", request)
        dates = [*(["-startdate", start] if start else []), *(["-enddate", end] if end else [])]
        openssl("ca", "-batch", "-notext", "-config", self.config, "-in", request, "-out", pem, "-extfile", wanted,
                "-extensions", "it", *dates)
        return Issued(pem, key)

    def revoke(self, issued):
        openssl("ca", "-config", self.config, "-revoke", issued.pem)

    def crl(self, *dates):
        """Writes the list anew; `dates` are options such as `-crlhours 1`."""
        openssl("ca", "-config", self.config, "-gencrl", "-out", self.crl_file, *dates)
        return self.crl_file
