"""What every kind of evidence needs: the program, judges, stores that are prepared, and folders that go at the end."""
import collections
import contextlib
import itertools
import json
import os
import pathlib
import queue
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading

import operations

AHEAD = 32


class Judge:
    """A `store-judge` process, asked by one thread at a time."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the judge died with {self.process.wait()} of {question}")
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


class Program:
    """The program under test, with nothing of the caller's settings."""

    def __init__(self, path):
        self.path = path
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("MODELCTL_")}
        self.environment["HOME"] = "/nonexistent"

    def words(self, base, command):
        verb = [word.format(base=base) for word in command]
        return [self.path, *verb, *([] if "--root" in verb else ["--root", f"{base}/root"]), "--quiet"]

    def run(self, base, command, **variables):
        return subprocess.run(self.words(base, command), env=self.environment | variables, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)


class Bench:
    """A scratch folder, the program, and as many judges as threads ask."""

    def __init__(self, modelctl, judge, scratch, workers):
        self.program, self.workers = Program(modelctl), workers
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="evidence-", dir=scratch))
        self.judges = queue.Queue()
        for _ in range(workers):
            self.judges.put(Judge(judge))
        self._counter, self._lock = 0, threading.Lock()
        self._prepared, self._numbers = {}, itertools.count(1)

    def close(self):
        while not self.judges.empty():
            self.judges.get().close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    @contextlib.contextmanager
    def judge(self):
        judge = self.judges.get()
        try:
            yield judge
        finally:
            self.judges.put(judge)

    def number(self):
        with self._lock:
            self._counter += 1
            return self._counter

    def prepared(self, operation, name):
        """A folder with what an operation needs, up to the command that is tried."""
        folder = self.scratch / name
        key = operation.prepare, operation.after_prepare
        with self._lock:
            if key not in self._prepared:
                self._prepared[key] = self.scratch / f"prepared-{next(self._numbers)}"
                self._prepared[key].mkdir()
                operations.sources(self._prepared[key])
                self._run_all(operation, self._prepared[key], operation.prepare)
                if operation.after_prepare:
                    operation.after_prepare(self._prepared[key])
        # With the reserve's blocks, or the command would begin with making a new one.
        moved(self._prepared[key], folder, sparse="never")
        return folder

    def prepare_anew(self):
        """The stores from here on have other times in them, so other digests."""
        with self._lock:
            self._prepared.clear()

    def _run_all(self, operation, folder, commands):
        for command in commands:
            done = self.program.run(folder, command)
            if done.returncode:
                raise SystemExit(f"error: preparing {operation.name}: {' '.join(command)}: {done.stderr}")


def copy(source, target, sparse="always"):
    """A folder with its links, hard ones too; its zeros become holes, as the reserve is 8 MiB of them."""
    subprocess.run(["cp", "--archive", f"--sparse={sparse}", f"{source}", f"{target}"], check=True)


def moved(source, target, sparse="always"):
    """A copy whose store shares with the copy's own remote: a setting has a path, and would lead to the source's."""
    copy(source, target, sparse)
    setting = target / "root/marks/remote"
    if setting.is_symlink():
        text = os.readlink(setting)
        if f"file://{source}/" not in text:
            raise SystemExit(f"error: {source} shares with {text}, and not with a folder of its own")
        setting.unlink()
        setting.symlink_to(text.replace(f"file://{source}/", f"file://{target}/"))


def each(pool, function, arguments):
    """Results in the order of their arguments, of which only a few are made ahead: states are large."""
    waiting = collections.deque()
    for argument in arguments:
        waiting.append(pool.submit(function, argument))
        if len(waiting) >= AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def say_again(part, operation, seed, *words):
    """Prints the one command that tries the same of this operation again."""
    words = [f"tools/evidence/{part}", "--only", operation.name, "--seed", seed, *words]
    print("  again: " + shlex.join(f"{word}" for word in words), file=sys.stderr)


def roomy():
    """Memory where there is enough of it: a container has little."""
    try:
        space = os.statvfs("/dev/shm")
        return "/dev/shm" if space.f_bavail * space.f_frsize > 2 << 30 else "/var/tmp"
    except OSError:
        return "/var/tmp"


def add_arguments(parser):
    parser.add_argument("--modelctl", required=True)
    parser.add_argument("--judge", required=True)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", action="append", help="an operation's name")
    parser.add_argument("--scratch", default=roomy())
    parser.add_argument("--workers", type=int, default=os.cpu_count())


def chosen(parser, options, among=operations.OPERATIONS):
    found = [one for one in among if not options.only or one.name in options.only]
    if not found:
        parser.error("no such operation")
    return found
