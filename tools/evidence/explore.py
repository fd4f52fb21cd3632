"""Cuts the power at every point of real commands and judges what is left: tools/evidence/explore --help."""
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
import states
from recording import NotExplained, NotKilled, Recording, content

# Every so many states the recovery is cut, too, in as many ways; is run twice; and the store is asked to verify itself. Kinds of
# states take turns of five: none of these is a multiple of that.
DEEPER, WAYS, TWICE, VERIFIED = 23, 6, 17, 3
# How often a kill may miss what it should meet, or meet what it shouldn't.
RECORDS = 10
# Not found, and refused.
REFUSED = (3, 4)


class Explorer:
    """Judges states of one operation after the other."""

    def __init__(self, bench_, seed, keep=None, is_deep=True):
        self.bench, self.seed, self.keep, self.is_deep = bench_, seed, keep, is_deep

    def explore(self, operation, quota, fault=None):
        """Judges about `quota` distinct states of one operation; how many there were, and what didn't hold."""
        began = time.monotonic()
        record = self.recorded(operation, fault)
        disk, replay = record.played()
        generator = random.Random(f"{self.seed} {operation.name}")
        rounds = states.plans(disk, replay.points, generator, max(4, 4 * quota // len(replay.points)))
        for one in rounds:
            generator.shuffle(one)
        cuts = self.distinct(disk, replay.points, states.mixed(rounds), quota)
        with concurrent.futures.ThreadPoolExecutor(self.bench.workers) as pool:
            verdicts = list(bench.each(pool, lambda cut: (cut.kind, cut.is_over, *self.verdict(operation, record, cut)), cuts))
        found = {"operation": operation.name, "points": len(replay.points), "changes": len(disk.changes),
                 "states": len(verdicts), "acknowledged": sum(is_over for _, is_over, _, _ in verdicts),
                 "kinds": collections.Counter(kind for kind, _, _, _ in verdicts),
                 "states_in_recovery": sum(deeper for _, _, deeper, _ in verdicts),
                 "violations": [violation for _, _, _, violation in verdicts if violation]}
        if missing := [kind for kind, plans in zip(states.KINDS, rounds) if plans and not found["kinds"][kind]]:
            found["violations"].append({"state": "none", "problems": [f"no state of the kind {missing[0]} was tried"]})
        if not found["acknowledged"]:
            found["violations"].append({"state": "none", "problems": ["no state after the end was tried"]})
        print(f"  {operation.name}: {found['points']} points, {found['states']} states, "
              f"{found['states_in_recovery']} in recovery, {len(found['violations'])} violations, "
              f"{time.monotonic() - began:.0f} s", file=sys.stderr)
        if found["violations"]:
            bench.say_again("explore", operation, self.seed, "--states", quota, "--keep", "FOLDER", *(["--fault", fault] if fault else []))
        self.forget(record)
        return found

    def recorded(self, operation, fault=None, killed=()):
        """A record of an operation; with `killed`, after other commands were: words, and where."""
        for attempt in range(1, RECORDS + 1):
            base = self.bench.prepared(operation, f"base-{self.bench.number()}")
            try:
                record = Recording(self.bench.program, base, operation.command, fault, killed, operation.then)
                record.check(record.played()[0])
                break
            except (NotExplained, NotKilled):
                if not killed or attempt == RECORDS:
                    raise
                shutil.rmtree(base)
                shutil.rmtree(Recording.old_of(base))
        record.halfway = [self.halfway(record, words) for words in operation.halfway]
        # After a kill there may be nothing that it could be done to.
        if record.exit and not (killed and record.exit in REFUSED):
            raise SystemExit(f"error: {operation.name} exits with {record.exit}: {record.stderr.decode()}")
        return record

    def halfway(self, record, words):
        folder = record.folder.with_name(f"{record.folder.name}-halfway-{words[0]}")
        bench.copy(record.old, folder)
        done = self.bench.program.run(folder, words)
        if done.returncode:
            raise SystemExit(f"error: {' '.join(words)} exits with {done.returncode}: {done.stderr}")
        return folder

    @staticmethod
    def forget(record):
        for folder in record.halfway:
            shutil.rmtree(folder)
        shutil.rmtree(record.folder)
        shutil.rmtree(record.old)

    def distinct(self, disk, points, plans, quota):
        """The cuts that leave distinct states, `quota` at the most, in the order of their plans."""
        seen = set()
        for upto, chosen, damages, words, *kind in plans:
            if len(seen) >= quota:
                break
            state = states.State(disk, upto, chosen, damages, self.seed)
            if state.key in seen:
                continue
            seen.add(state.key)
            # Acknowledged: the program ended; what it left pending may still be lost, and nothing else.
            durable = points[-1][1]
            is_over = upto == len(disk.changes) and chosen >= durable and not durable & damages.keys()
            yield states.Cut(state, is_over, f"at {upto}: {words}", "".join(kind), len(seen) - 1)

    def verdict(self, operation, record, cut):
        """(how many states of a cut recovery were judged, too; what a state breaks, or None where everything holds)."""
        number = self.bench.number()
        folder = self.bench.scratch / f"state-{number}"
        cut.state.make(f"{folder}")
        if operation.loses:
            operation.loses(folder)
        acknowledged = cut.is_over and not record.exit
        question = dict(old=f"{record.old}/root", new=f"{record.folder}/root", acknowledged=acknowledged,
                        also=[f"{halfway}/root" for halfway in record.halfway], between=operation.between,
                        verifies=not self.is_deep or cut.place % VERIFIED == 0)
        deeper, problems = [], self.ask(folder, recovered=False, **question)
        problems += remotes.check(folder / "remote", record.folder / "remote" if acknowledged else None, operation.unpromised)
        if self.is_deep and cut.place % DEEPER == 0:
            deeper, more = self.cut_recovery(operation, folder, question, cut)
            problems += more
        problems += self.recover(operation, folder, question)
        if self.is_deep and cut.place % TWICE == 0 and not problems:
            before = content(folder)
            problems += self.recover(operation, folder, question)
            after = content(folder)
            changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
            problems += [f"a second recovery changes {path}" for path in changed]
        shutil.rmtree(folder)
        if not problems:
            return len(deeper), None
        return len(deeper), {"state": cut.words, "acknowledged": acknowledged, "problems": problems[:5],
                             "kept": self.kept(operation, cut.state, number)}

    def ask(self, folder, recovered, **question):
        with self.bench.judge() as judge:
            problems = judge.ask(root=f"{folder}/root", recovered=recovered, **question)
        return [f"{'recovered' if recovered else 'raw'}: {problem}" for problem in problems]

    def recover(self, operation, folder, question):
        recover = question["acknowledged"] and operation.recover_done or operation.recover
        done = self.bench.program.run(folder, recover)
        failed = [f"recovery exits with {done.returncode}: {done.stderr.strip()}"] if done.returncode else []
        return failed + self.ask(folder, recovered=True, **question)

    def cut_recovery(self, operation, folder, question, cut):
        """Cuts the recovery of a state; it goes on from what is left (depth 2)."""
        copied = folder.with_name(f"{folder.name}-deeper")
        bench.copy(folder, copied)
        record = Recording(self.bench.program, copied, operation.recover)
        disk, replay = record.played()
        record.check(disk)
        generator = random.Random(f"{self.seed} {operation.name} {cut.place}")
        plans = [plan for plans in states.plans(disk, replay.points, generator, 4) for plan in plans]
        generator.shuffle(plans)
        asked = list(self.distinct(disk, replay.points, plans, WAYS))
        problems = [f"a recovery exits with {record.exit}: {record.stderr.decode()}"] if record.exit else []
        for deeper in asked:
            left = folder.with_name(f"{folder.name}-deeper-{deeper.place}")
            deeper.state.make(f"{left}")
            found = self.ask(left, recovered=False, **question) + self.recover(operation, left, question)
            problems += [f"recovery cut {deeper.words}: {one}" for one in found]
            shutil.rmtree(left)
        self.forget(record)
        return asked, problems

    def kept(self, operation, state, number):
        if not self.keep:
            return None
        kept = pathlib.Path(self.keep) / f"{operation.name.replace(' ', '_')}-{number}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        state.make(f"{kept}")
        return f"{kept}"


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
        explorer = Explorer(there, options.seed, options.keep)
        results = [explorer.explore(one, max(1, -(-options.states // len(chosen))), options.fault) for one in chosen]
    finally:
        there.close()
    json.dump({"seed": options.seed, "operations": results}, sys.stdout, indent=1)
    sys.exit(any(result["violations"] for result in results))


if __name__ == "__main__":
    main()
