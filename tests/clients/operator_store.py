"""The database as a whole, by somebody at the machine: how it is, a backup beside the server, the way back, a move."""

import re
import stat

from kit.binary import gatewright
from kit.case import Case, expect, same
from kit.curl import curl


class OperatorStore(Case):
    def run(self, *arguments, **variables):
        """A command on the case's data."""
        return gatewright(*arguments, env={"GATEWRIGHT_DATA": str(self.folder / "data")} | variables, cwd=self.folder)

    def refused(self, *arguments, **variables):
        """What a command says that must fail."""
        done = self.run(*arguments, **variables)
        expect(done.returncode not in (0, 101), f"{arguments}: exit code {done.returncode}, {done.stdout}{done.stderr}")
        return done.stderr

    def done(self, *arguments, **variables):
        """What a command prints that must succeed."""
        done = self.run(*arguments, **variables)
        expect(done.returncode == 0, f"{arguments}: exit code {done.returncode}, {done.stderr}")
        return done.stdout

    def rows(self, table, **variables):
        return int(re.search(rf"^  {table} +(\d+)$", self.done("store", "status", **variables), re.MULTILINE)[1])

    def test_status_beside_a_server(self):
        process = self.server.process.pid
        said = self.done("store", "status")
        for words in (r"database  SQLite 3\.", r"pending   nothing", rf"in use    by a host \(process {process}\)",
                      r"state     in order", r"  people +1"):
            expect(re.search(words, said), f"{words!r} is not in: {said}")
        same(self.done("store", "migrate", "--dry-run").startswith("-- nothing is pending"), True, "a dry run")
        expect("in use by another host" in self.refused("store", "migrate"), "migrated beside a server")

    def test_a_backup_beside_a_server(self):
        said = self.done("backup", "kept.db")
        expect(str(self.folder / "data" / "keyring.json") in said and "The keyring is not in it" in said, said)
        same(oct(stat.S_IMODE((self.folder / "kept.db").stat().st_mode)), oct(0o600), "mode of the backup")
        expect("is there already and was left as it is" in self.refused("backup", "kept.db"), "written over")
        expect("in use by another host" in self.refused("restore", "kept.db"), "restored under a server")
        self.done("person", "add", "late")
        same(self.rows("people"), 2, "people")

    def test_the_way_back(self):
        password = self.server.password
        self.server.stop()
        said = self.done("restore", "kept.db")
        expect("gatewright.db.before-restore-1" in said and "keyring.json" in said, said)
        same(self.rows("people"), 1, "people")
        server = self.start()
        begun = curl(server, "POST", "/auth/v1/login", {"username": "admin"}).expect(200)
        server.secrets.add(password)
        answer = {"transaction": begun["transaction"], "answer": {"password": password}}
        curl(server, "POST", "/auth/v1/login/password", answer).expect(200)
        server.stop()

    def test_a_move(self):
        source, moved = f"sqlite:{self.folder}/data/gatewright.db", f"sqlite:{self.folder}/moved.db"
        said = self.done("store", "copy", source, moved)
        expect("Both sides hold the same, and 1 audit chain(s) end as they should." in said, said)
        same(self.rows("people", GATEWRIGHT_STORE=moved), 1, "people")
        expect("is not empty" in self.refused("store", "copy", source, moved), "copied into what is not empty")
        expect("same database" in self.refused("store", "copy", source, source), "copied into itself")
        said = self.refused("store", "copy", source, "postgres://me:sesame@127.0.0.1:1/x")
        expect("no server answers" in said and "sesame" not in said, said)

    def test_words_for_a_server(self):
        said = self.refused("backup", "dump", GATEWRIGHT_STORE="postgres://me:sesame@127.0.0.1:1/x")
        expect("pg_dump --format=custom --no-owner --file='dump' --dbname='postgres://me@127.0.0.1:1/x'" in said, said)
        expect("sesame" not in said, said)
