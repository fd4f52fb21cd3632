"""What people use today, each by the commands that its manual gives for the same five tasks.

A task is a list of commands; an empty one is something that the tool doesn't do. `setup` and `before_…` aren't measured.
"""
import pathlib
import shutil
import sys

ENVIRONMENT = {"RESTIC_PASSWORD": "compare", "GIT_CONFIG_NOSYSTEM": "1", "DVC_NO_ANALYTICS": "1",
               "MLFLOW_DISABLE_TELEMETRY": "true", "GIT_PYTHON_REFRESH": "quiet"}


class Contender:
    name = program = note = ""

    def __init__(self, folder, sources):
        self.folder, self.sources = pathlib.Path(folder), sources
        self.root, self.target = self.folder / "store", self.folder / "target"

    @classmethod
    def is_here(cls):
        return shutil.which(cls.program) is not None

    def setup(self):
        """Commands that make an empty store."""
        return []

    def ingest(self, number):
        return []

    def before_install(self):
        return []

    def install(self, number):
        """Whole at another place, as a robot would get it from a share."""
        return []

    def switch(self, number):
        return []

    def look_up(self):
        return []

    def verify(self):
        return []


class ModelRegistry(Contender):
    name = "ModelRegistry"
    note = "verified and flushed; the switch is atomic, audited, and has a way back"
    program = "modelctl"
    path = "modelctl"

    @classmethod
    def is_here(cls):
        return True

    def ctl(self, *words, root=None):
        return [self.path, *words, "--root", root or self.root, "--quiet"]

    def setup(self):
        return [self.ctl("init")]

    def ingest(self, number):
        return [self.ctl("publish", "robot", self.sources[number], "--version", number)]

    def before_install(self):
        remote = self.folder / "remote"
        return [["mkdir", remote], self.ctl("remote", "set", f"file://{remote}"), self.ctl("push", "robot_v1"),
                self.ctl("init", root=self.target), self.ctl("remote", "set", f"file://{remote}", root=self.target)]

    def install(self, number):
        return [self.ctl("install", f"robot_v{number}", root=self.target)]

    def switch(self, number):
        return [self.ctl("activate", f"robot_v{number}", "--confirmed")]

    def look_up(self):
        return [self.ctl("active", "robot", "--path")]

    def verify(self):
        return [self.ctl("verify", "--full")]


class Files(Contender):
    name, program = "cp, ln, openssl", "openssl"
    note = "flushed by hand; nothing is verified unless somebody asks"

    def setup(self):
        return [["mkdir", self.root]]

    def copy(self, number, place):
        files = [place / path.name for path in sorted(self.sources[number].iterdir())]
        return [["cp", "-r", self.sources[number], place], ["sync", *files, place, place.parent]]

    def ingest(self, number):
        return self.copy(number, self.root / f"v{number}")

    def install(self, number):
        return self.copy(number, self.target)

    def switch(self, number):
        return [["ln", "-s", f"v{number}", self.root / "new"], ["mv", "-T", self.root / "new", self.root / "active"],
                ["sync", self.root]]

    def look_up(self):
        return [["readlink", self.root / "active"]]

    def verify(self):
        return [["openssl", "dgst", "-sha256", *sorted(self.root.glob("v*/*"))]]


class OSTree(Contender):
    name, program, note = "ostree", "ostree", "a local pull isn't verified unless asked; flushed; a ref is switched, not what runs"

    def ostree(self, *words, root=None):
        return ["ostree", f"--repo={root or self.root}", *words]

    def setup(self):
        return [["mkdir", self.root], self.ostree("init", "--mode=bare-user-only")]

    def ingest(self, number):
        return [self.ostree("commit", f"--branch=v{number}", f"--tree=dir={self.sources[number]}", "--canonical-permissions")]

    def before_install(self):
        return [["mkdir", self.target], self.ostree("init", "--mode=bare-user-only", root=self.target)]

    def install(self, number):
        return [self.ostree("pull-local", self.root, f"v{number}", root=self.target),
                self.ostree("checkout", "--user-mode", "--require-hardlinks", f"v{number}", self.folder / "tree", root=self.target)]

    def switch(self, number):
        return [self.ostree("refs", "--force", "--create=active", f"v{number}")]

    def look_up(self):
        return [self.ostree("rev-parse", "active")]

    def verify(self):
        return [self.ostree("fsck")]


class Casync(Contender):
    name, program, note = "casync", "casync", "no flush; what is extracted is verified"

    def setup(self):
        return [["mkdir", self.root]]

    def casync(self, verb, number, place):
        return ["casync", verb, "--without=privileged", f"--store={self.root}/chunks.castr",
                self.root / f"v{number}.caidx", place]

    def ingest(self, number):
        return [self.casync("make", number, self.sources[number])]

    def install(self, number):
        return [self.casync("extract", number, self.target)]


class Restic(Contender):
    name, program, note = "restic", "restic", "encrypts; flushed; a snapshot is restored, nothing is switched"

    def restic(self, *words):
        return ["restic", "-r", self.root, "--no-cache", "--quiet", *words]

    def setup(self):
        return [self.restic("init")]

    def ingest(self, number):
        return [self.restic("backup", f"--tag=v{number}", self.sources[number])]

    def install(self, number):
        return [self.restic("restore", "latest", f"--tag=v{number}", f"--target={self.target}")]

    def verify(self):
        return [self.restic("check", "--read-data")]


class Git(Contender):
    name, program, note = "git", "git", "SHA-1; objects aren't flushed by default"

    def git(self, *words):
        return ["git", "-C", self.root, "-c", "user.name=e", "-c", "user.email=e@e", "-c", "gc.auto=0", *words]

    def setup(self):
        return [["git", "init", "--quiet", self.root]]

    def ingest(self, number):
        return [["cp", "-r", f"{self.sources[number]}/.", self.root], self.git("add", "."),
                self.git("commit", "--quiet", "-m", f"v{number}"), self.git("tag", f"v{number}")]

    def install(self, number):
        return [["git", "clone", "--quiet", "--no-local", f"file://{self.root}", self.target]]

    def switch(self, number):
        return [self.git("checkout", "--quiet", f"v{number}")]

    def look_up(self):
        return [self.git("rev-parse", "HEAD")]

    def verify(self):
        return [self.git("fsck", "--full")]


class DVC(Contender):
    name, program, note = "DVC", "dvc", "MD5; a switch copies or links the files again"
    path = "dvc"

    @classmethod
    def is_here(cls):
        return shutil.which(cls.path) is not None

    def dvc(self, *words, root=None):
        return [self.path, "--cd", root or self.root, *words, "--quiet"]

    def setup(self):
        return [["mkdir", self.root], self.dvc("init", "--no-scm")]

    def ingest(self, number):
        return [["rm", "-rf", self.root / "model"], ["cp", "-r", self.sources[number], self.root / "model"],
                self.dvc("add", "model"), ["cp", self.root / "model.dvc", self.root / f"v{number}"]]

    def before_install(self):
        remote = self.folder / "remote"
        return [self.dvc("remote", "add", "--default", "share", remote), self.dvc("push"), ["mkdir", self.target],
                self.dvc("init", "--no-scm", root=self.target),
                self.dvc("remote", "add", "--default", "share", remote, root=self.target),
                ["cp", self.root / "model.dvc", self.target]]

    def install(self, number):
        return [self.dvc("pull", root=self.target)]

    def switch(self, number):
        return [["cp", self.root / f"v{number}", self.root / "model.dvc"], self.dvc("checkout", "--force")]

    def look_up(self):
        return [["grep", "md5", self.root / "model.dvc"]]


class MLflow(Contender):
    name, program, note = "MLflow", "mlflow", "no digests; no flush of artifacts"
    python = sys.executable
    available = False

    @classmethod
    def is_here(cls):
        return cls.available

    CODE = """
import logging, sys
logging.disable(logging.CRITICAL)
import mlflow
from mlflow.tracking import MlflowClient
root, verb, *rest = sys.argv[1:]
uri = f"sqlite:///{root}/mlflow.db"
mlflow.set_tracking_uri(uri); mlflow.set_registry_uri(uri)
client = MlflowClient()
if verb == "setup":
    client.create_experiment("e", artifact_location=f"file://{root}/artifacts"); client.create_registered_model("robot")
elif verb == "ingest":
    run = client.create_run(client.get_experiment_by_name("e").experiment_id)
    client.log_artifacts(run.info.run_id, rest[0], "model")
    client.create_model_version("robot", f"{run.info.artifact_uri}/model", run.info.run_id)
elif verb == "install":
    mlflow.artifacts.download_artifacts(client.get_model_version_download_uri("robot", rest[0]), dst_path=rest[1])
elif verb == "switch":
    client.set_registered_model_alias("robot", "active", rest[0])
elif verb == "look_up":
    print(client.get_model_version_by_alias("robot", "active").version)
"""

    def mlflow(self, verb, *words):
        return [self.python, "-W", "ignore", "-c", self.CODE, self.root, verb, *words]

    def setup(self):
        return [["mkdir", self.root], self.mlflow("setup")]

    def ingest(self, number):
        return [self.mlflow("ingest", self.sources[number])]

    def before_install(self):
        return [["mkdir", self.target]]

    def install(self, number):
        return [self.mlflow("install", number, self.target)]

    def switch(self, number):
        return [self.mlflow("switch", number)]

    def look_up(self):
        return [self.mlflow("look_up")]


CONTENDERS = (ModelRegistry, Files, OSTree, Casync, Restic, Git, DVC, MLflow)
