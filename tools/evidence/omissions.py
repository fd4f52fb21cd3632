"""Leaves one flush out of a record, each in turn, and expects a violation: would the explorer see that it is missing?

The record is the one of a whole run; the model takes the flush for one that a disk answered and didn't make.
"""
import argparse
import concurrent.futures
import json
import re
import signal
import sys
import threading
import time

import bench
import operations
import states
import trace
from explore import Explorer
from recording import Kill, NotExplained, NotKilled

# Flushes that nothing was seen to need: a pattern, and why the program makes them all the same. They are tried, with fewer
# states than others, and where one is seen after all its excuse is reported as wrong.
EXCUSED = (
    (r"^channel set: remote/adapters$", "the whole way to a version's manifest is flushed; here its files came first, and paid for it"),
    (r"^init: (what is gone/file, not named yet|root/staging/probe-OP)$", "a trial of what the file system can do, a flush among it"),
    (r"^init: root/reserve, not named yet$", "the next opening makes the reserve again; the flush gives it its blocks"),
    (r"^init: root$", "SQLite flushes this folder, too, before the first page of the index and after; nothing here leans on that"),
    (r"^install: root/manifests$", "the link is there since the version was published; a fetched one gets it by the same step"),
    (r"^migrate: root$", "the first opening in a boot flushes it (V0); the index's new log made SQLite do so before"),
    (r"^rebuild: root/(blobs/sha256|marks)$",
     "what these name was flushed by whoever made it before anything told of it; what was restored by hand was not"),
)
# What nothing was seen to need is tried again with other stores, so often at the most altogether. A kill meets a program's
# threads where they happen to be; and now and then a new manifest's digest begins as another's does, and has its folder already.
ROUNDS = 3
# Threads may keep a kill from where it should come. More than one in so many is too much.
MISSES = 20
# What a recovery flushes although it takes no name away, for one before it that was killed when it had.
RECOVERED = {"root/manifests", "root/versions"}
RECOVERY = "a recovery flushes it for one before it that was killed; that is seen behind `init`"
# Names that another run has others of.
NAMES = ((re.compile(r"/staging/([a-z]+)-[0-9a-z]{7,}"), r"/staging/\1-OP"), (re.compile(r"/sha256/[0-9a-f]{2}(?![0-9a-f])"), "/sha256/XX"),
         (re.compile(r"/[0-9a-f]{64}(?![0-9a-f])"), "/HEX"), (re.compile(r"/generations/\d+"), "/generations/N"),
         (re.compile(r"/(journal/|episodes/)(?:[^/]+_)?\d{8}T\d+Z[^/.]*"), r"/\1TIME"), (re.compile(r"/robots/(\.?)[^/.]+"), r"/robots/\1ROBOT"))


def plain(label):
    for pattern, name in NAMES:
        label = pattern.sub(name, label)
    return label


class Omissions:
    def __init__(self, bench_, seed, quota):
        self.explorer, self.quota = Explorer(bench_, seed, is_deep=False), quota
        # By operation family and what is flushed: all that was learned.
        self.found, self.lock = {}, threading.Lock()
        # What broke although nothing was left out.
        self.broken, self.controls = [], 0
        # Kills that came where they should, and those that didn't however often they were tried.
        self.met, self.missed = 0, []

    def omit(self, operation):
        """Tries each of one operation's flushes."""
        began = time.monotonic()
        met = self.met
        with concurrent.futures.ThreadPoolExecutor(self.explorer.bench.workers) as pool:
            if operation.killed:
                first = [(operation.first, self.kills(operation, operation.first)[0][-1])] if operation.first else []
                own, of_index = self.kills(operation, operation.killed, first)
                kills = [(*first, (operation.killed, kill)) for kill in own[-operation.last:] + of_index[-operation.last:]]
                rows = [row for rows in pool.map(lambda killed: self.records(operation, map, killed), kills) for row in rows]
            else:
                rows = self.records(operation, pool.map)
        if operation.killed and self.met == met:
            self.broken.append({"operation": operation.name, "state": "none", "problems": ["no kill came where it should"]})
        print(f"  {operation.name}: {len(rows)} flushes left out, {sum(bool(row['violation']) for row in rows)} seen, "
              f"{time.monotonic() - began:.0f} s", file=sys.stderr)

    def known(self, operation, label):
        """What is known of one flush, by all operations that are variants of this one."""
        return self.found.setdefault(
            (operation.family, label), {"operation": operation.family, "flush": label, "tries": 0, "states": 0, "covers": 0,
                                        "violation": None, "needs_all": False, "excuse": self.excuse(operation, label)})

    @staticmethod
    def excuse(operation, label):
        return next((why for pattern, why in EXCUSED if re.search(pattern, f"{operation.family}: {label}")), None)

    def learned(self, operation, row):
        with self.lock:
            known = self.known(operation, row["flush"])
            known["tries"] += 1
            known["states"] += row["states"]
            known["covers"] = max(known["covers"], row["covers"])
            if row["violation"] and not known["violation"]:
                known |= {"violation": row["violation"], "needs_all": row["needs_all"]}
        return row

    def kills(self, operation, words, first=()):
        """Where a command can be killed: at each flush of its own, and at each of the index's."""
        base = self.explorer.bench.prepared(operation, f"steps-{self.explorer.bench.number()}")
        program, own, calls = self.explorer.bench.program, f"{base}.own", f"{base}.calls"
        for earlier, kill in first:
            if program.run(base, earlier, MODELCTL_FAULT=kill.fault).returncode != -signal.SIGKILL:
                raise SystemExit(f"error: {operation.name}: {' '.join(earlier)} wasn't killed at {kill}")
        trace.record(program.words(base, words), calls, program.environment | {"MODELCTL_FAULT": f"trace:{own}"})
        with open(own) as file:
            count = sum(label.startswith("sync ") for label in file)
        if not count:
            raise SystemExit(f"error: {operation.name}: nothing to kill")
        of_index = sum(call.name == "fdatasync" for call in trace.calls(calls))
        return ([Kill(number) for number in range(1, 1 + count)],
                [Kill(number, of_index=True) for number in range(1, 1 + of_index)])

    def records(self, operation, apply, killed=()):
        """What each flush of one record is good for."""
        try:
            record = self.explorer.recorded(operation, killed=killed)
        except (NotExplained, NotKilled) as error:
            if not killed:
                raise
            with self.lock:
                self.missed.append(f"{operation.name}: {error}")
            return []
        with self.lock:
            self.met += bool(killed)
        kill = killed[-1][1] if killed else None
        _, whole = record.played()
        labels = [plain(label) for label, _ in whole.flushes]
        self.control(operation, record, kill)
        if kill and kill.of_index:
            self.explorer.forget(record)
            return []
        rows = list(apply(lambda number: self.learned(operation, self.one(operation, record, whole, labels, number)),
                          range(1, len(labels) + 1)))
        self.explorer.forget(record)
        return rows

    def control(self, operation, record, kill):
        """With every flush nothing may break, the end first; or what is seen without one would prove nothing."""
        disk, replay = record.played()
        plans = ((upto, durable | kept, {}, words) for upto, durable in reversed(replay.points)
                 for kept, words in ((frozenset(), "nothing pending"), (frozenset(range(upto)), "all pending")))
        for cut in self.explorer.distinct(disk, replay.points, plans, max(3, self.quota // 50)):
            _, violation = self.explorer.verdict(operation, record, cut)
            with self.lock:
                self.controls += 1
                if violation:
                    killed = f"killed at {kill}, " if kill else ""
                    self.broken.append({"operation": operation.name, "state": killed + violation["state"],
                                        "problems": violation["problems"]})

    def one(self, operation, record, whole, labels, number):
        """Leaves one flush out; and where nobody misses it, all of that kind: a later one makes up for it then."""
        label = labels[number - 1]
        row = {"flush": label, "covers": len(whole.flushes[number - 1][1]), "states": 0, "violation": None, "needs_all": False}
        known = self.known(operation, label)
        # So many states, and none of them broken: more would tell nothing new. What isn't excused is missed by one of many kills,
        # and threads have these in any order.
        enough = self.quota // 5 if known["excuse"] else 20 * self.quota
        if not row["covers"] or known["violation"] or known["states"] >= enough:
            return row
        alike = {place for place, other in enumerate(labels, 1) if other == label}
        quota = min(self.quota, enough)
        for numbers, quota in (({number}, quota // 5), (alike, quota)) if len(alike) > 1 else (({number}, quota),):
            row["needs_all"] = len(numbers) > 1
            if self.is_missed(operation, record, numbers, quota, row):
                break
        return row

    def is_missed(self, operation, record, numbers, quota, row):
        disk, replay = record.played(omit=numbers)
        covered = set().union(*(replay.flushes[number - 1][1] for number in numbers))
        plans = list(states.without(disk, replay.points, covered))
        # The end first: what was acknowledged must be there.
        for cut in self.explorer.distinct(disk, replay.points, reversed(plans), quota):
            row["states"] += 1
            _, violation = self.explorer.verdict(operation, record, cut)
            if violation:
                row["violation"] = violation["problems"][0]
                return True
        return False

    def results(self):
        """One row for each kind of flush of each kind of operation."""
        def is_recovery(row):
            return row["flush"] in RECOVERED and row["operation"] != "init" and not (row["covers"] or row["excuse"])

        rows = (row | {"excuse": RECOVERY} if is_recovery(row) else row for row in self.found.values())
        return sorted(rows, key=lambda row: (row["operation"], row["flush"]))

    def unseen(self):
        return [row for row in self.results() if not row["violation"] and not row["excuse"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    bench.add_arguments(parser)
    parser.add_argument("--states", type=int, default=200, help="at the most, for each flush")
    options = parser.parse_args()
    there = bench.Bench(options.modelctl, options.judge, options.scratch, options.workers)
    omissions = Omissions(there, options.seed, options.states)
    chosen = bench.chosen(parser, options, operations.OPERATIONS + operations.DEBTS + operations.RARE)
    try:
        for one in chosen:
            omissions.omit(one)
        for _ in range(ROUNDS - 1):
            families = {row["operation"] for row in omissions.unseen()}
            there.prepare_anew()
            for one in chosen:
                if one.family in families:
                    omissions.omit(one)
    finally:
        there.close()
    rows, unseen = omissions.results(), omissions.unseen()
    wrong = [row for row in rows if row["violation"] and row["excuse"]]
    for one in omissions.broken:
        print(f"  BROKEN {one['operation']}, {one['state']}: {one['problems'][0]}", file=sys.stderr)
    for one in omissions.missed:
        print(f"  MISSED {one}", file=sys.stderr)
    for row in wrong:
        print(f"  NEEDED and excused {row['operation']}: {row['flush']}: {row['violation']}", file=sys.stderr)
    for row in unseen:
        print(f"  UNSEEN {row['operation']}: {row['flush']}, {row['covers']} changes, {row['states']} states", file=sys.stderr)
    json.dump({"seed": options.seed, "flushes": rows, "controls": omissions.controls, "kills": omissions.met,
               "missed": omissions.missed, "violations": omissions.broken}, sys.stdout, indent=1)
    sys.exit(bool(unseen or wrong or omissions.broken or len(omissions.missed) * MISSES > omissions.met))


if __name__ == "__main__":
    main()
