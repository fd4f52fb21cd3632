"""Other people's stores, and ours, behind the same four verbs.

Each of them keeps items, small folders, under its defaults: as somebody has it who installs it and reads the first page of its
manual. Where another setting makes it keep more, that setting is an entry of its own.
"""
import os
import pathlib
import shutil
import subprocess

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "RESTIC_PASSWORD": "evidence",
               "GIT_CONFIG_NOSYSTEM": "1"}


class Failed(Exception):
    """A peer said that it couldn't: nothing was given out."""


def call(*words, **options):
    done = subprocess.run([f"{word}" for word in words], env=ENVIRONMENT | options.pop("env", {}),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=options.pop("timeout", 120),
                          **options)
    if done.returncode:
        raise Failed((done.stderr or done.stdout).strip()[-300:])
    return done.stdout


class Peer:
    """`put` returns when the peer says that the item is there; `get` gives it out, or raises ``Failed``."""

    name = program = ""
    # What its own check is called; empty where it has none.
    check_name = ""

    def __init__(self, root):
        self.root = pathlib.Path(root)

    def at(self, root):
        """The same store, found elsewhere."""
        return type(self)(root)

    @classmethod
    def is_here(cls):
        return shutil.which(cls.program) is not None

    def setup(self):
        pass

    def check(self):
        pass


class ModelRegistry(Peer):
    name, program, check_name = "ModelRegistry", "modelctl", "verify --full"
    # Set by whoever knows where it was built.
    path = "modelctl"

    @classmethod
    def is_here(cls):
        return True

    def _run(self, *words):
        return call(self.path, *words, "--root", self.root, "--quiet")

    def setup(self):
        self._run("init")

    def put(self, number, source):
        self._run("publish", "robot_001", source, "--version", number)

    def get(self, number, target):
        self._run("verify", f"robot_001_v{number}", "--full")
        shutil.copytree(self.root / f"versions/robot_001_v{number}", target)

    def check(self):
        self._run("verify", "--full")


class Git(Peer):
    name, program, check_name = "git", "git", "fsck --strict"
    options = ()

    def _run(self, *words, **options):
        return call("git", "-C", self.root, "-c", "user.name=e", "-c", "user.email=e@e", "-c", "gc.auto=0", *self.options,
                    *words, **options)

    def setup(self):
        self.root.mkdir()
        self._run("init", "--quiet")

    def put(self, number, source):
        shutil.copytree(source, self.root / f"item{number}")
        self._run("add", f"item{number}")
        self._run("commit", "--quiet", "-m", f"item{number}")

    def get(self, number, target):
        target.mkdir()
        archive = target.with_suffix(".tar")
        self._run("archive", "-o", archive, f"HEAD:item{number}")
        call("tar", "-xf", archive, "-C", target)
        archive.unlink()

    def check(self):
        self._run("fsck", "--strict", "--full")


class FlushingGit(Git):
    name = "git, core.fsync=all"
    options = ("-c", "core.fsync=all", "-c", "core.fsyncMethod=fsync")


class Casync(Peer):
    name = program = "casync"

    def setup(self):
        self.root.mkdir()

    def put(self, number, source):
        call("casync", "make", "--without=privileged", f"--store={self.root}/chunks.castr", self.root / f"item{number}.caidx", source)

    def get(self, number, target):
        call("casync", "extract", "--without=privileged", f"--store={self.root}/chunks.castr", self.root / f"item{number}.caidx", target)


class OSTree(Peer):
    name, program, check_name = "ostree", "ostree", "fsck"

    def _run(self, *words):
        return call("ostree", f"--repo={self.root}", *words)

    def setup(self):
        self.root.mkdir()
        self._run("init", "--mode=bare-user-only")

    def put(self, number, source):
        self._run("commit", f"--branch=item{number}", f"--tree=dir={source}", "--canonical-permissions")

    def get(self, number, target):
        self._run("checkout", "--user-mode", f"item{number}", target)

    def check(self):
        self._run("fsck")


class Restic(Peer):
    name, program, check_name = "restic", "restic", "check --read-data"

    def _run(self, *words, **options):
        return call("restic", "-r", self.root, "--no-cache", "--quiet", *words, **options)

    def setup(self):
        self._run("init")

    def put(self, number, source):
        self._run("backup", "--host=e", f"--tag=item{number}", ".", cwd=source)

    def get(self, number, target):
        target.mkdir()
        self._run("restore", "latest", f"--tag=item{number}", f"--target={target}")
        if not any(target.iterdir()):
            raise Failed("no snapshot")

    def check(self):
        self._run("check", "--read-data")


class Nix(Peer):
    name, program, check_name = "Nix", "nix-store", "--verify --check-contents"

    def __init__(self, root, paths=None):
        super().__init__(root)
        # Items by their numbers: Nix names them by their content.
        self.paths = {} if paths is None else paths

    def at(self, root):
        return Nix(root, self.paths)

    def _run(self, *words):
        # The file system under test is not where Nix itself lives.
        return call("nix-store", "--store", f"local?root={self.root}", *words)

    def setup(self):
        self.root.mkdir()
        self._run("--init")

    def put(self, number, source):
        self.paths[number] = self._run("--add", source).strip()

    def get(self, number, target):
        # What the database doesn't know isn't there.
        self._run("--query", "--hash", self.paths[number])
        shutil.copytree(f"{self.root}{self.paths[number]}", target)

    def check(self):
        self._run("--verify", "--check-contents")


PEERS = (ModelRegistry, Git, FlushingGit, Casync, OSTree, Restic, Nix)
