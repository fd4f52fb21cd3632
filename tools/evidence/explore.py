"""Cuts the power at every point of real commands and judges what is left: tools/evidence/explore --help."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import sys
import time

import bench
import states
import trace
from disk import Disk
from replay import Replay


def recorded(program, folder, command, fault=None):
    """A record of a command on a folder that is durable as it is; the disk with all changes, and the points."""
    disk = Disk(folder)
    environment = dict(program.environment)
    if fault:
        environment["MODELCTL_FAULT"] = fault
    path = f"{folder}.trace"
    code, _, err = trace.record(program.words(folder, command), path, environment)
    if code:
        raise SystemExit(f"error: {' '.join(command)} exits with {code}: {err.decode()}")
    replay = Replay(disk, folder)
    replay.play(trace.calls(path))
    os.unlink(path)
    compare(disk, folder)
    return disk, [(0, frozenset()), *replay.points]


def compare(disk, folder):
    """What the model says that programs see must be what is there, or the model missed a call."""
    left = listing(states.State(disk, len(disk.changes), set(range(len(disk.changes))), {}, ""))
    right = listing(states.State(Disk(folder), 0, set(), {}, ""))
    if left != right:
        different = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
        raise SystemExit(f"error: the record doesn't explain {different[:5]}")


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


class Explorer:
    def __init__(self, bench_, options):
        self.bench, self.options = bench_, options

    def explore(self, operation, quota, fault=None):
        """Judges about `quota` distinct states of one operation; how many there were, and what didn't hold."""
        began = time.monotonic()
        base = self.bench.prepared(operation, f"base-{self.bench.number()}")
        old = base.with_name(base.name + "-old")
        bench.copy(base, old)
        disk, points = recorded(self.bench.program, base, operation.command, fault)
        asked = self.states(operation, disk, points, quota)
        with concurrent.futures.ThreadPoolExecutor(self.bench.workers) as pool:
            verdicts = list(pool.map(lambda one: self.verdict(operation, old, base, *one), asked))
        violations = [verdict for verdict in verdicts if verdict]
        print(f"  {operation.name}: {len(points)} points, {len(asked)} states, {len(violations)} violations, "
              f"{time.monotonic() - began:.0f} s", file=sys.stderr)
        shutil.rmtree(base)
        shutil.rmtree(old)
        return {"operation": operation.name, "points": len(points), "changes": len(disk.changes), "states": len(asked),
                "violations": violations}

    def states(self, operation, disk, points, quota):
        """Distinct states in the order of their rounds: (state, whether all was acknowledged, words)."""
        generator = random.Random(f"{self.options.seed} {operation.name}")
        found, seen = [], set()
        for plans in states.plans(disk, points, generator, max(4, 4 * quota // len(points))):
            generator.shuffle(plans)
            for upto, chosen, damages, words in plans:
                if len(found) >= quota:
                    return found
                state = states.State(disk, upto, chosen, damages, self.options.seed)
                if state.key in seen:
                    continue
                seen.add(state.key)
                # Acknowledged: the program ended; what it left pending may still be lost.
                found.append((state, upto == len(disk.changes) and chosen >= points[-1][1], f"at {upto}: {words}"))
        return found

    def verdict(self, operation, old, new, state, acknowledged, words):
        """What a state breaks; nil where everything holds."""
        number = self.bench.number()
        folder = self.bench.scratch / f"state-{number}"
        state.make(f"{folder}")
        question = dict(root=f"{folder}/root", old=f"{old}/root", new=f"{new}/root", acknowledged=acknowledged,
                        between=operation.between, verifies=number % 4 == 0)
        with self.bench.judge() as judge:
            problems = [f"raw: {problem}" for problem in judge.ask(recovered=False, **question)]
            done = self.bench.program.run(folder, operation.recover)
            if done.returncode:
                problems.append(f"recovery exits with {done.returncode}: {done.stderr.strip()}")
            problems += [f"recovered: {problem}" for problem in judge.ask(recovered=True, **question)]
        shutil.rmtree(folder)
        if not problems:
            return None
        kept = None
        if self.options.keep:
            kept = pathlib.Path(self.options.keep) / f"{operation.name.replace(' ', '_')}-{number}"
            kept.parent.mkdir(parents=True, exist_ok=True)
            state.make(f"{kept}")
        return {"state": words, "acknowledged": acknowledged, "problems": problems[:5], "kept": kept and f"{kept}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    bench.add_arguments(parser)
    parser.add_argument("--states", type=int, default=5_000, help="distinct states over all operations")
    parser.add_argument("--keep", help="a folder for the states that were violations")
    parser.add_argument("--fault", help="as MODELCTL_FAULT takes it, for the recorded command")
    options = parser.parse_args()
    chosen = bench.chosen(parser, options)
    there = bench.Bench(options.modelctl, options.judge, options.scratch, options.workers)
    try:
        explorer = Explorer(there, options)
        results = [explorer.explore(one, max(1, options.states // len(chosen)), options.fault) for one in chosen]
    finally:
        there.close()
    json.dump({"seed": options.seed, "operations": results}, sys.stdout, indent=1)
    sys.exit(any(result["violations"] for result in results))


if __name__ == "__main__":
    main()
