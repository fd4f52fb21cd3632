"""Cuts the power at every point of real commands and judges what is left: tools/evidence/explore --help."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import operations
import states
import trace
from disk import Disk
from replay import Replay


class Judge:
    """A `store-judge` process, asked by one thread at a time."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            return [f"the judge died with {self.process.wait()}"]
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

    def run(self, base, command):
        return subprocess.run(self.words(base, command), env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)


class Explorer:
    def __init__(self, options):
        self.options = options
        self.program = Program(options.modelctl)
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="evidence-", dir=options.scratch))
        self.judges = queue.Queue()
        for _ in range(options.workers):
            self.judges.put(Judge(options.judge))
        self.counter = 0
        self.lock = threading.Lock()

    def close(self):
        while not self.judges.empty():
            self.judges.get().close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    # MARK: Recording

    def prepared(self, operation, folder):
        folder.mkdir()
        operations.sources(folder)
        for command in operation.prepare:
            done = self.program.run(folder, command)
            if done.returncode:
                raise SystemExit(f"error: preparing {operation.name}: {' '.join(command)}: {done.stderr}")
        if operation.after_prepare:
            operation.after_prepare(folder)

    def recorded(self, folder, command, fault=None):
        """A record of a command on a folder that is durable as it is; the disk with all changes, and the points."""
        disk = Disk(folder)
        environment = dict(self.program.environment)
        if fault:
            environment["MODELCTL_FAULT"] = fault
        path = f"{folder}.trace"
        code, out, err = trace.record(self.program.words(folder, command), path, environment)
        if code:
            raise SystemExit(f"error: {' '.join(command)} exits with {code}: {err.decode()}")
        replay = Replay(disk, folder)
        replay.play(trace.calls(path))
        os.unlink(path)
        self.compare(disk, folder)
        return disk, replay.points

    def compare(self, disk, folder):
        """What the model says that programs see must be what is there, or the model missed a call."""
        model = states.State(disk, len(disk.changes), set(range(len(disk.changes))), {}, "")
        there = Disk(folder)
        real = states.State(there, 0, set(), {}, "")
        left, right = listing(model), listing(real)
        if left != right:
            different = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
            raise SystemExit(f"error: the record doesn't explain {different[:5]}")

    # MARK: Exploring

    def explore(self, operation, quota, fault=None):
        began = time.monotonic()
        base = self.scratch / f"base-{self.counter}"
        self.counter += 1
        self.prepared(operation, base)
        old = base.with_name(base.name + "-old")
        shutil.copytree(base, old, symlinks=True)
        disk, points = self.recorded(base, operation.command, fault)
        generator = random.Random(f"{self.options.seed} {operation.name}")
        asked, seen = [], set()
        every = [(0, frozenset()), *points]
        rounds = states.plans(disk, every, generator, max(4, 4 * quota // max(1, len(every))))
        for round_ in rounds:
            generator.shuffle(round_)
            for upto, chosen, damages, words in round_:
                if len(asked) >= quota:
                    break
                state = states.State(disk, upto, chosen, damages, self.options.seed)
                if state.key in seen:
                    continue
                seen.add(state.key)
                # Acknowledged: the program ended; what it left pending may still be lost.
                asked.append((state, upto == len(disk.changes) and chosen >= every[-1][1], f"at {upto}: {words}"))
        with concurrent.futures.ThreadPoolExecutor(self.options.workers) as pool:
            verdicts = list(pool.map(lambda one: self.judge(operation, old, base, *one), asked))
        violations = [verdict for verdict in verdicts if verdict]
        print(f"  {operation.name}: {len(points)} points, {len(asked)} states, {len(violations)} violations, "
              f"{time.monotonic() - began:.0f} s", file=sys.stderr)
        shutil.rmtree(base)
        shutil.rmtree(old)
        return {"operation": operation.name, "points": len(points), "changes": len(disk.changes), "states": len(asked),
                "violations": violations}

    def judge(self, operation, old, new, state, acknowledged, words):
        with self.lock:
            self.counter += 1
            number = self.counter
        folder = self.scratch / f"state-{number}"
        state.make(f"{folder}")
        common = dict(root=f"{folder}/root", old=f"{old}/root", new=f"{new}/root", acknowledged=acknowledged,
                      between=operation.between, verifies=number % 4 == 0)
        judge = self.judges.get()
        try:
            problems = [f"raw: {problem}" for problem in judge.ask(recovered=False, **common)]
            done = self.program.run(folder, operation.recover)
            if done.returncode:
                problems.append(f"recovery exits with {done.returncode}: {done.stderr.strip()}")
            problems += [f"recovered: {problem}" for problem in judge.ask(recovered=True, **common)]
        finally:
            self.judges.put(judge)
        if not problems:
            shutil.rmtree(folder)
            return None
        kept = None
        if self.options.keep:
            kept = pathlib.Path(self.options.keep) / f"{operation.name.replace(' ', '_')}-{number}"
            kept.parent.mkdir(parents=True, exist_ok=True)
            state.make(f"{kept}")
        shutil.rmtree(folder)
        return {"state": words, "acknowledged": acknowledged, "problems": problems[:5], "kept": kept and f"{kept}"}


def listing(state):
    """Paths with what is there, without what no disk keeps or nobody needs: the log's shared memory."""
    found = {}

    def walk(number, path):
        kind, mode, data, names = state.inodes[number]
        if path.endswith("-shm"):
            return
        found[path] = (kind, mode if kind == "file" else 0, bytes(data))
        for name, inode in names.items():
            if inode:
                walk(inode, f"{path}/{name}")

    walk(state.root, "")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modelctl", required=True)
    parser.add_argument("--judge", required=True)
    parser.add_argument("--states", type=int, default=5_000, help="distinct states over all operations")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", action="append", help="an operation's name")
    parser.add_argument("--scratch", default="/dev/shm")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="a folder for the states that were violations")
    parser.add_argument("--fault", help="as MODELCTL_FAULT takes it, for the recorded command")
    options = parser.parse_args()
    chosen = [one for one in operations.OPERATIONS if not options.only or one.name in options.only]
    if not chosen:
        parser.error("no such operation")
    explorer = Explorer(options)
    try:
        results = [explorer.explore(one, max(1, options.states // len(chosen)), options.fault) for one in chosen]
    finally:
        explorer.close()
    json.dump({"seed": options.seed, "operations": results}, sys.stdout, indent=1)
    sys.exit(any(result["violations"] for result in results))


if __name__ == "__main__":
    main()
