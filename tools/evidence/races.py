"""Kills programs that use one store at once, and reads what runs while it is switched: tools/evidence/races --help."""
import argparse
import collections
import concurrent.futures
import json
import random
import shutil
import subprocess
import sys
import threading
import time

import bench
import operations

# What the eight processes do, again and again; {n} is a number that changes.
WORK = (
    "publish robot_001 {base}/source-{n}", "publish robot_002 {base}/source-{n}", "install robot_001_v2",
    "activate robot_001_v1 --confirmed", "activate robot_001_v2", "gc", "verify", "sync",
)
# Refusals that are right while others work on the same names: not found, refused, and busy for longer than one waits.
EXPECTED = {0, 3, 4, 75}
# After so many switches generations are collected, while they are read.
GC = 50


class Killing:
    """Eight processes on one store, each killed at a random moment, and now and then let to its end."""

    def __init__(self, bench_, seed):
        self.bench, self.generator = bench_, random.Random(seed)
        self.killed = self.ended = 0
        # By command how often it did what it should, and the versions that a publish said were there.
        self.done, self.published = collections.Counter(), set()
        self.problems = []
        self._lock = threading.Lock()

    def run(self, seconds):
        base = self.bench.scratch / "killing"
        base.mkdir()
        operations.sources(base)
        for number in range(16):
            source = base / f"source-{number}"
            source.mkdir()
            (source / "lora_adapters.npz").write_bytes(self.generator.randbytes(30_000))
        for command in (*operations.PLAIN, ("remote", "set", f"file://{base}/remote"), ("push", "robot_001_v1")):
            done = self.bench.program.run(base, command)
            if done.returncode:
                raise SystemExit(f"error: preparing: {done.stderr}")
        until = time.monotonic() + seconds
        with concurrent.futures.ThreadPoolExecutor(len(WORK)) as pool:
            list(pool.map(lambda work: self.worker(base, work, until), WORK))
        # Everybody is gone: one opening puts it right.
        recovery = self.bench.program.run(base, ("init",))
        if recovery.returncode:
            self.problems.append(f"recovery exits with {recovery.returncode}: {recovery.stderr.strip()}")
        with self.bench.judge() as judge:
            self.problems += judge.ask(root=f"{base}/root", recovered=True, verifies=True)
        listed = json.loads(self.bench.program.run(base, ("list", "--json", "--limit", "10000")).stdout)["versions"]
        for version in sorted(self.published - {(one["version"], one["digest"]) for one in listed}):
            self.problems.append(f"{version[0]} was published, and is gone or another")
        if not self.killed or not self.published:
            self.problems.append(f"{self.killed} were killed and {len(self.published)} published: that proves nothing")
        for work in WORK:
            if not self.done[work]:
                self.problems.append(f"{work.split()[0]} was never done: that proves nothing")
        shutil.rmtree(base)
        return {"processes": len(WORK), "killed": self.killed, "ended": self.ended, "done": sum(self.done.values()),
                "published": len(self.published), "violations": self.problems}

    def worker(self, base, work, until):
        generator = random.Random(f"{work} {self.generator.random()}")
        while time.monotonic() < until:
            command = work.replace("{n}", f"{generator.randrange(16)}").replace("{base}", f"{base}").split()
            process = subprocess.Popen(self.bench.program.words(base, command) + ["--wait", "2s", "--json"], text=True,
                                       env=self.bench.program.environment, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            # Most die in the middle of it.
            patience = generator.choice((0.03, 0.06, 0.1, 0.2, 60))
            try:
                answer, said = process.communicate(timeout=patience)
                with self._lock:
                    self.ended += 1
                    self.done[work] += process.returncode == 0
                    if process.returncode == 0 and command[0] == "publish":
                        version = json.loads(answer)
                        self.published.add((version["version"], version["digest"]))
                    if process.returncode not in EXPECTED:
                        self.problems.append(f"{' '.join(command)} exits with {process.returncode}: {said.strip()}")
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                with self._lock:
                    self.killed += 1
                    if patience == 60:
                        self.problems.append(f"{' '.join(command)} hangs")


class Reading:
    """Readers that resolve `active` as a runtime does, as fast as they can, while it is switched."""

    READER = r"""
import json, os, sys
root, until = sys.argv[1], sys.argv[2]
reads, bad, seen = 0, [], set()
while True:
    for _ in range(200):
        try:
            folder = os.open(f"{root}/active", os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            bad.append("active is missing")
            continue
        try:
            opened = lambda path, flags: os.open(path, flags, dir_fd=folder)
            first, second = (open(f"{name}/weights", opener=opened).read() for name in ("left", "right"))
        except OSError as error:
            bad.append(f"a member is missing: {error}")
            continue
        finally:
            os.close(folder)
        reads += 1
        if first != second:
            bad.append(f"a mixed set: {first} and {second}")
        seen.add(first)
    if os.path.exists(until) or bad:
        print(json.dumps({"reads": reads, "seen": len(seen), "bad": bad[:3]}))
        sys.exit()
"""

    def __init__(self, bench_):
        self.bench = bench_

    def run(self, switches, readers=2):
        base = self.bench.scratch / "reading"
        base.mkdir()
        run = self.bench.program.run
        run(base, ("init",))
        for number in (1, 2):
            for adapter in ("left", "right"):
                source = base / f"{adapter}-{number}"
                source.mkdir()
                (source / "weights").write_text(f"set {number}")
                done = run(base, ("publish", adapter, f"{source}"))
                if done.returncode:
                    raise SystemExit(f"error: preparing: {done.stderr}")
        run(base, ("activate", "left_v1", "right_v1", "--confirmed"))
        stop = base / "stop"
        processes = [subprocess.Popen([sys.executable, "-c", self.READER, f"{base}/root", f"{stop}"], stdout=subprocess.PIPE,
                                      text=True) for _ in range(readers)]
        problems = []
        for number in range(switches):
            # Forwards by activation, back by rollback, as an operator would.
            command = ("rollback",) if number % 2 else ("activate", "left_v2", "right_v2", "--confirmed")
            # Now and then generations go that nothing needs.
            for words in (command, ("gc",)) if number % GC == GC - 1 else (command,):
                done = run(base, words)
                if done.returncode:
                    problems.append(f"{' '.join(words)} exits with {done.returncode}: {done.stderr.strip()}")
            if problems:
                break
        stop.write_text("")
        results = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
        for result in results:
            problems += result["bad"]
            if result["seen"] != 2 and not problems:
                problems.append(f"a reader met {result['seen']} of the 2 sets: that proves nothing")
        shutil.rmtree(base)
        return {"switches": switches, "reads": sum(result["reads"] for result in results),
                "sets_seen": max(result["seen"] for result in results), "violations": problems}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    bench.add_arguments(parser)
    parser.add_argument("--seconds", type=float, default=20, help="of killing")
    parser.add_argument("--switches", type=int, default=200)
    options = parser.parse_args()
    there = bench.Bench(options.modelctl, options.judge, options.scratch, 1)
    try:
        killing = Killing(there, options.seed).run(options.seconds)
        print(f"  killing: {killing['killed']} killed, {killing['ended']} ended, {len(killing['violations'])} violations",
              file=sys.stderr)
        reading = Reading(there).run(options.switches)
        print(f"  reading: {reading['reads']} reads during {reading['switches']} switches, "
              f"{len(reading['violations'])} violations", file=sys.stderr)
    finally:
        there.close()
    json.dump({"seed": options.seed, "killing": killing, "reading": reading}, sys.stdout, indent=1)
    sys.exit(bool(killing["violations"] or reading["violations"]))


if __name__ == "__main__":
    main()
