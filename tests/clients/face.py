"""Faces, with real models: a build of its own, so only where FACE=1 asks for it (docs in pictures/README.md)."""

import base64
import os
import shutil
import subprocess
import tarfile

from kit.binary import ROOT, binary, gatewright
from kit.case import CACHE, CLIENTS, Case, Failed, expect, same
from kit.curl import curl

# Models in the form that the plugin takes, for a test: nobody says what they were trained with.
PACKAGE = "faceplugin-face-recognition-js@0.0.1"
MODELS = {"detector": "fr_detect", "landmarks": "fr_landmark", "embedding": "fr_feature", "liveness": "fr_liveness"}
FOLDER = CACHE / "face"
# Many are refused here, and that is not what is tested.
LIMITS = """\
[http.rate]
steps_per_second = 0
[login.block_config]
user_attempts_limit = 100
ip_attempts_limit = 100"""


def called(*words, **more):
    done = subprocess.run(words, capture_output=True, text=True, check=False, **more)
    expect(done.returncode == 0, f"{words}: {done.stderr[-2000:]}")
    return done.stdout


def models():
    """Their paths; fetched once."""
    kept = {key: FOLDER / f"{name}.onnx" for key, name in MODELS.items()}
    if not all(file.is_file() for file in kept.values()):
        FOLDER.mkdir(parents=True, exist_ok=True)
        packed = called("npm", "pack", "--silent", PACKAGE, cwd=FOLDER).strip()
        with tarfile.open(FOLDER / packed) as archive:
            for file in kept.values():
                with archive.extractfile(f"package/model/{file.name}") as model:
                    file.write_bytes(model.read())
        (FOLDER / packed).unlink()
    return kept


def build():
    """A binary that looks at faces, beside the ordinary one."""
    ordinary = binary()
    program = FOLDER / "gatewright"
    FOLDER.mkdir(parents=True, exist_ok=True)
    called("cargo", "build", "--features", "face", cwd=ROOT)
    shutil.copy2(ordinary, program)
    # The ordinary one back in its place: what was built is still there.
    called("cargo", "build", cwd=ROOT)
    return program


def frames(*names):
    read = [(CLIENTS / "pictures" / f"{name}.jpg").read_bytes() for name in names]
    return {"frames": [base64.urlsafe_b64encode(frame).decode().rstrip("=") for frame in read]}


class Face(Case):
    def serve(self, *lines):
        """A server on the case's data with these lines in `[plugins.face]`."""
        if self.servers:
            self.server.stop()
        paths = [f'{key} = "{path}"' for key, path in models().items()]
        self.config = "\n".join([LIMITS, "[plugins.face]", *paths, *lines, ""])
        server = self.start(program=self.program)
        self.password = server.password or self.password

    def after_password(self):
        begun = curl(self.server, "POST", "/auth/v1/login", {"username": "admin"}).expect(200)
        body = {"transaction": begun["transaction"], "answer": {"password": self.password}}
        return curl(self.server, "POST", "/auth/v1/login/password", body)

    def login(self, shown):
        transaction = self.after_password().expect(200)["transaction"]
        return curl(self.server, "POST", "/auth/v1/login/face", {"transaction": transaction, "answer": shown})

    def enrol(self, shown):
        token = self.after_password().expect(200)["access_token"]
        invited = curl(self.server, "POST", "/auth/v1/enrol/face", {}, bearer=token).expect(200)
        same(invited["invitation"]["most_frames"], 5, "what is asked for")
        body = {"transaction": invited["transaction"], "proof": shown}
        return curl(self.server, "POST", "/auth/v1/enrol/face/complete", body, bearer=token)

    def rejected(self, shown, code):
        reply = self.enrol(shown)
        expect(reply.status in (400, 422), f"{reply.status} {reply.text}")
        expect(code in reply.text, reply.text)

    def test_an_ordinary_build_knows_no_faces(self):
        file = self.folder / "face.toml"
        file.write_text('[plugins.face]\ndetector = "/models/detector.onnx"\n')
        done = gatewright("config", "check", "--config", str(file), cwd=self.folder)
        expect(done.returncode not in (0, 101), done.stdout)
        expect("face.toml:1" in done.stderr and "unknown table" in done.stderr, done.stderr)

    if os.environ.get("FACE") == "1":

        def test_without_models_it_does_not_start_and_says_which(self):
            self.program = build()
            for text, words in (
                ("", ["detector", "landmarks", "embedding", "liveness", "[plugins.face]"]),
                ('[plugins.face]\ndetector = "gone"\nlandmarks = "gone"\nembedding = "gone"\nliveness = "gone"\n',
                 ["plugins.face.detector", "gone"]),
            ):
                self.config = text
                try:
                    self.start(program=self.program)
                    raise AssertionError("it starts")
                except Failed as failed:
                    expect(all(word in str(failed) for word in words), str(failed))
                self.not_started = None

        def test_a_file_that_is_no_such_model_stops_the_start(self):
            swapped = models() | {"embedding": models()["detector"]}
            self.config = "\n".join(["[plugins.face]", *(f'{key} = "{path}"' for key, path in swapped.items()), ""])
            try:
                self.start(program=self.program)
                raise AssertionError("it starts")
            except Failed as failed:
                expect("embedding" in str(failed), str(failed))
            self.not_started = None

        def test_on_trial_faces_are_looked_at_and_nobody_is_enrolled(self):
            self.serve("least_liveness = 0.3")
            self.rejected(frames("collins-1", "collins-2"), "on_trial")
            log = self.server.log.read_text()
            expect("nobody is enrolled or let in" in log, "no warning at the start")
            expect("two frames of an enrolment are alike by 0.9" in log, "no numbers")
            expect(self.after_password().expect(200)["status"] == "done", "something was kept")

        def test_one_living_face_in_every_frame_is_set_up(self):
            self.serve("log_only = false", "least_liveness = 0.3")
            for shown, code in (
                (frames("collins-1", "bricks"), "not_one_face"),
                (frames("both", "collins-1"), "not_one_face"),
                (frames("collins-1", "hopper-1"), "not_alike"),
            ):
                self.rejected(shown, code)
            expect(self.enrol(frames("collins-1", "collins-2")).status == 200, "not set up")

        def test_the_same_face_recompressed_or_turned_is_the_second_factor(self):
            due = self.after_password().expect(200)
            same(due["status"], "continue", "after the password")
            expect("face" in str(due), str(due))
            for names in (("collins-2", "collins-3"), ("collins-4", "collins-1"), ("collins-1", "collins-2", "collins-3")):
                done = self.login(frames(*names)).expect(200)
                same(done["status"], "done", str(names))
                me = curl(self.server, "GET", "/auth/v1/me", bearer=done["access_token"]).expect(200)
                same(sorted(me["session"]["amr"]), ["face", "mfa", "pwd"], "amr")

        def test_another_one_two_or_none_are_refused(self):
            for names in (
                ("hopper-1", "hopper-2"), ("collins-1", "hopper-1"), ("hopper-1", "collins-1"),
                ("both", "collins-1"), ("bricks", "collins-1"),
            ):
                same(self.login(frames(*names)).status, 401, str(names))

        def test_what_cannot_be_read_is_said(self):
            good = frames("collins-1", "collins-2")["frames"]
            cut = good[1][:400]
            for bad in ([], good[:1], [good[0], good[0]], [*good, "AAAA"], [good[0], cut], good * 3):
                same(self.login({"frames": bad}).status, 400, f"{len(bad)} frames")
            self.login(frames("collins-1", "collins-2")).expect(200)

        def test_where_it_does_not_run_a_password_is_not_enough(self):
            self.serve("log_only = true", "least_liveness = 0.3")
            same(self.login(frames("collins-1", "collins-2")).status, 401, "on trial")
            self.serve("enabled = false")
            reply = self.after_password()
            expect(reply.status == 503, f"{reply.status} {reply.text}")
