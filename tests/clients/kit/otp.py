"""oathtool: the codes that an app would show."""

import subprocess

from .case import expect


def totp(secret, now="now"):
    """The code of a base32 secret at a moment (`+30 seconds`: the next one)."""
    command = ["oathtool", "--totp", "--base32", "--now", now, secret]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"oathtool: {done.stderr.strip()}")
    return done.stdout.strip()


def hotp(secret, counter):
    """The code of a base32 secret at a counter."""
    command = ["oathtool", "--hotp", "--base32", "--counter", str(counter), secret]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"oathtool: {done.stderr.strip()}")
    return done.stdout.strip()
