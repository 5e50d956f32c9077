"""The real binary, wherever cargo has put it."""

import functools
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@functools.cache
def binary():
    """Path of `gatewright`. CARGO_TARGET_DIR and cargo's configuration may have moved the folder: cargo knows."""
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--no-deps", "--offline"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    path = Path(json.loads(metadata.stdout)["target_directory"]) / "debug" / "gatewright"
    if not path.is_file():
        raise SystemExit(f"{path} is not there: `cargo build` makes it")
    return path


def environment(**changes):
    """The environment for the binary: nobody's GATEWRIGHT_* but the test's own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GATEWRIGHT_")}
    # A hundred frames for each panic would hide the line that says where it was.
    return own | {"RUST_BACKTRACE": "0"} | changes


def gatewright(*arguments, env=None, cwd=None, stdin="", timeout=60):
    """Runs a command to its end; returns the finished process, with its output as text."""
    return subprocess.run(
        [binary(), *arguments], env=environment(**(env or {})), cwd=cwd, input=stdin,
        capture_output=True, text=True, timeout=timeout,
    )
