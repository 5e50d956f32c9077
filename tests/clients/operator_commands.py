"""What an operator does: the command line, the first start and the next one, mistakes, the end."""

import base64
import json
import re
import socket
import sqlite3
import stat
import subprocess
import time

from kit.binary import binary, environment, gatewright
from kit.case import Case, expect, same
from kit.curl import curl

# Each line that is a mistake says which words its report must have.
BROKEN = """\
listen = "127.0.0.1:1"
dta = "somewhere"                       # did you mean data
[login.block_config]
ip_attempts_limit = "many"              # expected a whole number
[plugins.pasword]                       # did you mean password
[plugins.totp]
digits = 99                             # expected one of 6, 8
"""
STOP_SECONDS = 3
SOON = 10


class OperatorCommands(Case):
    def run(self, *arguments, stdin="", **variables):
        """A command on the case's data."""
        return gatewright(*arguments, env={"GATEWRIGHT_DATA": str(self.folder / "data")} | variables, stdin=stdin,
                          cwd=self.folder)

    def refused(self, *arguments, **variables):
        """What a command says that must fail."""
        done = self.run(*arguments, **variables)
        expect(done.returncode not in (0, 101), f"{arguments}: exit code {done.returncode}, {done.stdout}{done.stderr}")
        expect(done.stderr.startswith("gatewright: "), done.stderr)
        return done.stderr

    def done(self, *arguments, stdin="", **variables):
        """What a command prints that must succeed."""
        done = self.run(*arguments, stdin=stdin, **variables)
        expect(done.returncode == 0, f"{arguments}: exit code {done.returncode}, {done.stderr}")
        return done.stdout

    def log_in(self, username, password):
        self.server.secrets.add(password)
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": username}).expect(200)
        answer = {"transaction": begun["transaction"], "answer": {"password": password}}
        return curl(self.server, "POST", "/auth/v1/login/password", answer)

    def test_version_says_one(self):
        expect(re.fullmatch(r"gatewright \d+\.\d+\.\d+\n", self.done("version")), self.done("version"))

    def test_plugin_list_names_the_plugins(self):
        ids = {line.split()[0] for line in self.done("plugin", "list").splitlines()}
        wanted = {"password", "totp", "recovery-code", "login", "enrol", "me", "idaas", "docs", "health"}
        expect(wanted <= ids, f"not in the list: {wanted - ids}")

    def test_config_check_names_every_mistake_with_its_line(self):
        file = self.folder / "broken.toml"
        file.write_text(BROKEN)
        lines = self.refused("config", "check", "--config", str(file)).splitlines()[1:]
        wanted = {}
        for number, line in enumerate(BROKEN.splitlines(), 1):
            if "#" in line:
                wanted[number] = line.partition("#")[2].strip()
        found = {}
        for line in lines:
            place = re.match(rf"{re.escape(str(file))}:(\d+):\d+: (.*)", line)
            expect(place, f"no file, line and column: {line}")
            found[int(place[1])] = place[2]
        same(sorted(found), sorted(wanted), "lines with a mistake")
        for number, words in wanted.items():
            expect(words in found[number], f"line {number}: {words!r} is not in {found[number]!r}")

    def test_config_show_says_where_a_value_is_from(self):
        file = self.folder / "good.toml"
        file.write_text("[pool]\nqueue = 7\n")
        done = self.run("config", "show", "--config", str(file), GATEWRIGHT_LOG__FORMAT="json")
        expect(re.search(r"^queue = 7 # .*good\.toml:2", done.stdout, re.MULTILINE), done.stdout)
        expect('format = "json" # env GATEWRIGHT_LOG__FORMAT' in done.stdout, done.stdout)

    def test_config_show_masks_what_is_secret(self):
        # Which settings are secret, and how such a one is set, the reference says.
        # As long as a key must be, in base64: some of them are keys.
        of = {length: base64.b64encode(b"hunter2-".ljust(length, b"x")).decode() for length in (32, 64)}
        variables = {}
        table = ""
        for line in self.done("config", "reference").splitlines():
            if heading := re.match(r"#?\[([\w.-]+)\]$", line):
                table = heading[1] + "."
            elif ".NAME." in table:
                # One of as many as there are: it is none without what else it needs.
                pass
            elif (setting := re.match(r"#?([\w-]+) = ", line)) and "secret" in before.lower():
                name = f"{table}{setting[1]}".upper().replace(".", "__").replace("-", "_")
                variables[f"GATEWRIGHT_{name}"] = of[64 if name == "KEYS__SEED" else 32]
            before = line
        print(f"      {len(variables)} settings are secret")
        shown = self.done("config", "show", **variables)
        expect(not any(secret in shown for secret in of.values()), shown)
        same(shown.count('"***"'), len(variables), "masks")

    def test_openapi_prints_what_is_served(self):
        served = curl(self.server, "GET", "/openapi.json").expect(200)
        expect(json.loads(self.done("openapi")) == served, "`gatewright openapi` and /openapi.json differ")

    def test_what_is_kept_is_its_owners_alone(self):
        for path in [self.server.data, *self.server.data.iterdir()]:
            mode = stat.S_IMODE(path.stat().st_mode)
            same(oct(mode), oct(0o700 if path.is_dir() else 0o600), f"mode of {path.name}")
        expect((self.server.data / "keyring.json").is_file(), "there is no keyring")

    def test_the_first_password_logs_in(self):
        self.first = self.server.password
        expect(self.first, f"no password was printed: {self.server.out.read_text()}")
        self.old = self.log_in("admin", self.first).expect(200)["access_token"]

    def ended_within_a_second(self, token):
        """Another process has ended the session: the server may take a second to know."""
        deadline = time.monotonic() + 1
        while (reply := curl(self.server, "GET", "/auth/v1/me", bearer=token)).status != 401:
            expect(time.monotonic() < deadline, f"the session still works: {reply.text}")

    def test_people_are_changed_while_the_server_runs(self):
        expect("admin" in self.done("person", "list"), "admin is not listed")
        changed = "a new passphrase for admin"
        self.done("person", "passwd", "admin", "--stdin", stdin=changed + "\n")
        self.ended_within_a_second(self.old)
        self.log_in("admin", self.first).expect(401)
        self.first, token = changed, self.log_in("admin", changed).expect(200)["access_token"]
        self.done("person", "disable", "admin")
        self.ended_within_a_second(token)
        self.log_in("admin", self.first).expect(401)
        self.done("person", "enable", "admin")
        self.log_in("admin", self.first).expect(200)

    def test_the_audit_log_is_checked_and_taken_out_while_the_server_runs(self):
        said = self.done("audit", "verify")
        expect(re.search(r"^default: in order, \d+ lines checked", said, re.MULTILINE), said)
        lines = [json.loads(line) for line in self.done("audit", "export").splitlines()]
        same([line["number"] for line in lines], list(range(1, len(lines) + 1)), "numbers of the lines")
        rest = self.done("audit", "export", "--after", str(len(lines) - 2)).splitlines()
        expect(len(rest) >= 2 and json.loads(rest[0]) == lines[-2], f"the last two: {rest}")
        expect("nothing that old" in self.done("audit", "prune", "--before", "2026-01-01"), "something was pruned")
        expect("yet to come" in self.refused("audit", "prune", "--before", "2999-01-01"), "the future was pruned")

    def test_two_servers_do_not_share_an_embedded_database(self):
        said = self.refused("serve", GATEWRIGHT_LISTEN="127.0.0.1:0")
        expect("in use" in said and f"process {self.server.process.pid}" in said, said)

    def test_the_end_is_quick_even_with_a_client_that_stays(self):
        host, port = self.server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as idle:
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            expect(b"200" in idle.recv(4096), "no answer")
            code, seconds = self.server.stop()
        same(code, 0, "exit code")
        expect(seconds < STOP_SECONDS, f"the end took {seconds:.1f} s")

    def test_people_are_made_while_no_server_runs(self):
        self.second = "a passphrase of one's own"
        self.done("person", "add", "ann", "--name", "Ann Archer", "--stdin", stdin=self.second + "\n")
        expect("ann" in self.done("person", "list"), "ann is not listed")
        again = self.refused("person", "add", "Ann")
        expect("already" in again, again)
        self.second = "another passphrase of hers"
        self.done("person", "passwd", "ann", "--stdin", stdin=self.second + "\n")
        generated = self.done("person", "add", "bob")
        self.third = re.search(r"shown only now: (\S+)", generated)[1]

    def test_the_second_start_keeps_everything_and_prints_no_password(self):
        server = self.start()
        same(server.password, None, "a password on the second start")
        expect(self.first not in server.out.read_text(), "the old password is printed")
        self.log_in("admin", self.first).expect(200)
        self.log_in("ann", self.second).expect(200)
        self.log_in("ann", "a passphrase of one's own").expect(401)
        self.log_in("bob", self.third).expect(200)

    def test_a_crash_loses_nothing(self):
        self.server.process.kill()
        self.server.process.wait()
        self.start()
        self.log_in("ann", self.second).expect(200)

    def test_somebody_who_is_disabled_can_not_log_in(self):
        self.server.stop()
        self.done("person", "disable", "bob")
        expect(re.search(r"bob\b.*disabled", self.done("person", "list")), "bob is not listed as disabled")
        self.start()
        self.log_in("bob", self.third).expect(401)
        self.server.stop()

    def in_the_database(self, statement):
        """Somebody has the file, and not us to do it."""
        database = sqlite3.connect(self.folder / "data" / "gatewright.db")
        with database:
            database.execute(statement)
        database.close()

    def test_an_altered_line_of_the_audit_log_is_named(self):
        self.in_the_database("UPDATE audit SET outcome = outcome || '!' WHERE number = 3")
        done = self.run("audit", "verify")
        same(done.returncode, 1, "exit code")
        expect("line 3 was altered" in done.stdout and "tampered" in done.stderr, done.stdout + done.stderr)
        self.in_the_database("UPDATE audit SET outcome = rtrim(outcome, '!') WHERE number = 3")
        expect("in order" in self.done("audit", "verify"), "it is as it was, and not in order")

    def test_clear_text_for_the_network_is_refused(self):
        said = self.refused("serve", GATEWRIGHT_LISTEN="0.0.0.0:0")
        for word in ("GATEWRIGHT_LISTEN", "http.tls.cert", "clear text"):
            expect(word in said, f"{word!r} is not in: {said}")

    def test_an_address_that_is_taken_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = "127.0.0.1:{}".format(taken.getsockname()[1])
            expect(address in self.refused("serve", GATEWRIGHT_LISTEN=address), "the address is not named")

    def test_a_keyring_that_others_can_read_is_refused(self):
        keyring = self.folder / "data" / "keyring.json"
        keyring.chmod(0o644)
        said = self.refused("serve", GATEWRIGHT_LISTEN="127.0.0.1:0")
        keyring.chmod(0o600)
        expect("keyring.json" in said and "chmod 600" in said, said)

    def test_a_keyring_that_is_gone_is_not_made_anew(self):
        keyring = self.folder / "data" / "keyring.json"
        keyring.rename(self.folder / "keyring.json")
        said = self.refused("serve", GATEWRIGHT_LISTEN="127.0.0.1:0")
        same(keyring.exists(), False, "a new keyring")
        (self.folder / "keyring.json").rename(keyring)
        expect("backup" in said, said)

    def test_a_data_folder_that_can_not_be_is_named(self):
        (self.folder / "file").write_text("not a folder")
        path = str(self.folder / "file" / "data")
        said = self.refused("serve", GATEWRIGHT_DATA=path, GATEWRIGHT_LISTEN="127.0.0.1:0")
        expect(path in said and "GATEWRIGHT_DATA" in said, said)

    def test_a_database_that_is_none_is_left_alone(self):
        folder = self.folder / "other"
        folder.mkdir()
        (folder / "gatewright.db").write_text("a shopping list, and nothing that a database would say")
        said = self.refused("serve", GATEWRIGHT_DATA=str(folder), GATEWRIGHT_LISTEN="127.0.0.1:0")
        expect("gatewright.db is not a SQLite database" in said, said)
        expect("shopping" in (folder / "gatewright.db").read_text(), "the file was written to")

    def test_help_names_the_commands(self):
        done = subprocess.run([binary(), "--help"], env=environment(), capture_output=True, text=True,
                              timeout=SOON, check=False)
        for command in ("serve", "person", "plugin", "config", "openapi", "version"):
            expect(re.search(rf"^  {command}\b", done.stdout, re.MULTILINE), f"{command} is not in the help")
