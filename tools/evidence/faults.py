"""Fails calls of real commands, one at a time, and judges what they said and left: tools/evidence/faults --help."""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import random
import shutil
import sys
import time

import bench
import remotes

# Every run has the same time, as a manifest tells when it was made.
NOW = f"{int(time.time())}"
KINDS = ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EINTR", "short")
# What a person must be told, in one way or another, when a call failed so. SQLite keeps the cause to itself where it can't open
# a file, and takes one that can't be read for damaged.
INDEX = ("disk I/O error", "can't be opened or written")
WORDS = {
    "EIO": ("Input/output error", "is damaged", "couldn't be read", "can't be read", *INDEX),
    "ENOSPC": ("No space left", "is full", *INDEX),
    "EDQUOT": ("quota", "is full", *INDEX),
    "EROFS": ("Read-only", *INDEX),
    "EINTR": ("Interrupted system call", *INDEX),
}
# A flush that was interrupted is not repeated: nobody knows what it did (DurableFiles).
FLUSHES = ("fsync", "fdatasync", "syncfs")
# The exit codes of docs/cli.md, but for those of signals.
PROMISED = (1, 3, 4, 5, 6, 7, 8, 64, 75)
INTEGRITY = 5
# Threads mix a run's calls, and a number may not come. Where more than one in so many wasn't met, too little was tried.
MET = 4


class Injector:
    """Makes one call fail, in one run of one command."""

    def __init__(self, bench_, library, seed):
        self.bench, self.library, self.seed = bench_, library, seed

    def variables(self, folder, fault=None):
        """A fault is (number, kind)."""
        found = {"LD_PRELOAD": self.library, "EVIDENCE_ROOT": f"{folder}", "EVIDENCE_CALLS": f"{folder}.calls",
                 "EVIDENCE_TIME": NOW}
        return found | ({"EVIDENCE_FAULT": f"{fault[0]}:{fault[1]}"} if fault else {})

    def inject(self, operation, quota):
        """Tries up to `quota` faults of one operation; all of them where quota is None."""
        began = time.monotonic()
        old = self.bench.prepared(operation, f"base-{self.bench.number()}")
        new = old.with_name(old.name + "-new")
        bench.moved(old, new)
        done = self.bench.program.run(new, operation.command, **self.variables(new))
        if done.returncode:
            raise SystemExit(f"error: {operation.name} exits with {done.returncode}: {done.stderr}")
        ends = [new, *(self.led_to(old, command) for command in operation.lesser)]
        halfway = [self.led_to(old, command) for command in operation.halfway]
        calls = pathlib.Path(f"{new}.calls").read_text().splitlines()
        faults = [(number, kind) for number in range(1, len(calls) + 1) for kind in KINDS]
        if quota and quota < len(faults):
            faults = sorted(random.Random(f"{self.seed} {operation.name}").sample(faults, quota))
        with concurrent.futures.ThreadPoolExecutor(self.bench.workers) as pool:
            verdicts = list(pool.map(lambda fault: self.verdict(operation, old, ends, halfway, fault), faults))
        violations = [verdict for _, verdict in verdicts if verdict]
        outcomes = collections.Counter(outcome for outcome, _ in verdicts)
        if outcomes["not met"] * MET > len(faults):
            violations.append({"fault": "none", "problems": [f"{outcomes['not met']} of {len(faults)} faults were not met"]})
        print(f"  {operation.name}: {len(calls)} calls, {len(faults)} faults, "
              f"{', '.join(f'{count} {outcome}' for outcome, count in sorted(outcomes.items()))}, "
              f"{len(violations)} violations, {time.monotonic() - began:.0f} s", file=sys.stderr)
        if violations:
            bench.say_again("faults", operation, self.seed, "--faults", quota or 0)
        for folder in (old, *ends, *halfway):
            shutil.rmtree(folder)
        return {"operation": operation.name, "calls": len(calls), "faults": len(faults), "outcomes": outcomes,
                "violations": violations}

    def led_to(self, old, command):
        """A store where another command was run instead."""
        folder = old.with_name(f"{old.name}-{self.bench.number()}")
        bench.moved(old, folder)
        self.bench.program.run(folder, command)
        return folder

    def verdict(self, operation, old, ends, halfway, fault):
        """(what became of it, what didn't hold or None). Where it warned, one of the lesser `ends` will do."""
        folder = self.bench.scratch / f"fault-{self.bench.number()}"
        bench.moved(old, folder)
        done = self.bench.program.run(folder, operation.command, **self.variables(folder, fault))
        log = pathlib.Path(f"{folder}.calls")
        hits = [line[:-2] for line in log.read_text().splitlines() if line.endswith(" !")] if log.exists() else []
        problems = said(done, fault[1], hits)
        with self.bench.judge() as judge:
            # Bytes that can't be read are taken for damaged; `verify` finds that they are good.
            heals = fault[1] == "EIO" and done.returncode == INTEGRITY
            warned = done.stderr.startswith("warning: ")
            question = dict(root=f"{folder}/root", old=f"{old}/root", also=[f"{one}/root" for one in halfway],
                            between=operation.between, verifies=True)
            left = [self.left(judge, operation, end, folder, done.returncode == 0, warned, heals, question)
                    for end in (ends if warned else ends[:1])]
            problems += [] if [] in left else left[0]
        shutil.rmtree(folder)
        log.unlink(missing_ok=True)
        outcome = "not met" if not hits else "survived" if done.returncode == 0 else "refused"
        if not problems:
            return outcome, None
        where = hits[0].replace(f"{folder}", "") if hits else "no call"
        return outcome, {"fault": f"{fault[0]}:{fault[1]}", "call": where, "exit": done.returncode,
                         "said": done.stderr.strip(), "problems": problems[:5]}

    def left(self, judge, operation, new, folder, acknowledged, warned, heals, question):
        """What doesn't hold of the store that the command left, of its recovery, and of the next try."""
        question = question | {"new": f"{new}/root"}
        # What was warned of may be left to the next opening.
        raw = judge.ask(recovered=False, acknowledged=acknowledged and not warned, **question)
        problems = [f"raw: {one}" for one in raw]
        problems += remotes.check(folder / "remote", new / "remote" if acknowledged else None, is_same_run=False)
        for command in (operation.recover, *([("verify",)] if heals else [])):
            recovery = self.bench.program.run(folder, command)
            if recovery.returncode:
                return problems + [f"{command[0]} exits with {recovery.returncode}: {recovery.stderr.strip()}"]
        problems += [f"recovered: {one}" for one in judge.ask(recovered=True, acknowledged=acknowledged, **question)]
        if acknowledged or problems:
            return problems
        # Where nothing of it happened, or a part of it, the same command works now.
        unfinished = (judge.ask(recovered=True, acknowledged=True, **question | {"new": state})
                      for state in (question["old"], *question["also"]))
        if [] in unfinished:
            again = self.bench.program.run(folder, operation.command, LD_PRELOAD=self.library, EVIDENCE_TIME=NOW)
            if again.returncode:
                return [f"the next run exits with {again.returncode}: {again.stderr.strip()}"]
            return [f"after the next run: {one}" for one in judge.ask(recovered=True, acknowledged=True, **question)
                    + remotes.check(folder / "remote", new / "remote", is_same_run=False)]
        return []


def said(done, kind, hits):
    """What is wrong with an exit code and its message."""
    if done.returncode == 0:
        return []
    if done.returncode not in PROMISED:
        return [f"exits with {done.returncode}"]
    if not hits:
        return ["fails although no call failed"]
    if kind == "short" or (kind == "EINTR" and hits[0].split()[1] not in FLUSHES):
        return [f"gives up for {kind}, which only says: go on"]
    if not done.stderr.startswith("error: "):
        return ["doesn't say what happened"]
    if not any(word in done.stderr for word in WORDS[kind]):
        return [f"says nothing of {kind}"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    bench.add_arguments(parser)
    parser.add_argument("--library", required=True, help="fault.c, compiled")
    parser.add_argument("--faults", type=int, default=0, help="about so many over all operations; 0: every one")
    options = parser.parse_args()
    chosen = bench.chosen(parser, options)
    there = bench.Bench(options.modelctl, options.judge, options.scratch, options.workers)
    try:
        injector = Injector(there, options.library, options.seed)
        results = [injector.inject(one, options.faults and max(1, options.faults // len(chosen))) for one in chosen]
    finally:
        there.close()
    json.dump({"seed": options.seed, "operations": results}, sys.stdout, indent=1)
    sys.exit(any(result["violations"] for result in results))


if __name__ == "__main__":
    main()
