"""Cuts the power of real file systems below a busy store, and looks at what is left: tools/evidence/cuts --help."""
import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import threading
import time

import bench
import peers
from blockdisk import Images, LoggedDisk, MAKE, mounted, records


@dataclasses.dataclass(frozen=True)
class Done:
    """Something that a program was asked for; what the log held when it was asked, and when it had answered."""

    began: int
    ended: int
    verb: str
    what: str


class Busy:
    """A store that is used by two at once: one that switches what runs, one that fills and empties."""

    def __init__(self, program, disk, base, rounds):
        self.program, self.disk, self.base, self.rounds = program, disk, base, rounds
        self.done = []
        self._lock = threading.Lock()

    def run(self, verb, what, command):
        began = self.disk.position()
        done = self.program.run(self.base, command)
        if done.returncode:
            raise SystemExit(f"error: {' '.join(command)} exits with {done.returncode}: {done.stderr}")
        with self._lock:
            self.done.append(Done(began, self.disk.position(), verb, what))

    def publish(self, adapter, number):
        source = self.disk.folder / f"{adapter}-{number}"
        source.mkdir()
        generator = random.Random(f"{adapter} {number}")
        (source / "lora_adapters.npz").write_bytes(generator.randbytes(generator.choice((900, 40_000, 300_000))))
        (source / "config.json").write_text(json.dumps({"rank": number}))
        self.run("publish", f"{adapter}_v{number}", ["publish", adapter, f"{source}", "--version", f"{number}"])

    def switching(self):
        for number in range(1, self.rounds + 1):
            version = f"robot_001_v{number}"
            self.publish("robot_001", number)
            self.run("switch", version, ["activate", version])
            if number % 3 == 2:
                self.run("switch", f"robot_001_v{number - 1}", ["rollback"])
                self.run("switch", version, ["activate", version, "--confirmed"])
            else:
                self.run("confirm", version, ["confirm"])
            self.run("channel", version, ["channel", "set", "stable", version])

    def filling(self):
        for number in range(1, self.rounds + 1):
            self.publish("robot_002", number)
            if number % 3 == 0:
                self.run("uninstall", f"robot_002_v{number - 1}", ["uninstall", f"robot_002_v{number - 1}"])
                self.run("gc", "", ["gc"])

    def play(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for job in [pool.submit(self.switching), pool.submit(self.filling)]:
                job.result()


class Expectation:
    """What must be there, and what may, after a cut when the log held `position` bytes."""

    def __init__(self, done, position):
        asked = [one for one in done if one.began <= position]
        gone = {one.what for one in asked if one.verb == "uninstall"}
        self.versions = {one.what for one in asked if one.verb == "publish" and one.ended <= position} - gone
        self.possible = {one.what for one in asked if one.verb == "publish"}
        switches = sorted((one for one in asked if one.verb == "switch"), key=lambda one: one.began)
        answered = [one for one in switches if one.ended <= position]
        self.running = {one.what for one in switches[len(answered):]} | ({answered[-1].what} if answered else {None})

    def problems(self, installed, running):
        found = [f"{version} was published, and is gone" for version in sorted(self.versions - installed)]
        found += [f"{version} was never published" for version in sorted(installed - self.possible)]
        if running not in self.running:
            found.append(f"{running} runs; it should be one of {sorted(map(str, self.running))}")
        return found


def places(log, first, count, generator):
    """After how many requests to cut; half of the places lie beside a flush, where what was owed is being paid."""
    begin = next(i for i, record in enumerate(log) if record.end > first)
    flushes = [i + side for i in range(begin, len(log)) if log[i].kind == "F" for side in (0, 1)]
    anywhere = range(begin, len(log) + 1)
    picked = [generator.choice(flushes) for _ in range(count // 2)]
    return sorted(picked + [generator.choice(anywhere) for _ in range(count - len(picked))])


class Cutter:
    def __init__(self, bench_, options):
        self.bench, self.options = bench_, options

    def cut(self, kind, count):
        """Cuts a busy store on one kind of file system; what was found."""
        began = time.monotonic()
        generator = random.Random(f"{self.options.seed} {kind}")
        found, number = [], 0
        # A record is good for some hundred cuts; then another one is made.
        while number < count:
            part = min(count - number, self.options.cuts_per_record)
            folder = self.bench.scratch / f"{kind}-{number}"
            disk = LoggedDisk(self.options.blocklog, folder, kind)
            with disk.mounted() as place:
                busy = Busy(self.bench.program, disk, place, self.options.rounds)
                busy.run("init", "", ["init"])
                os.sync()
                first = disk.position()
                busy.play()
            log = records(disk.log)
            images = Images(disk.log, log, folder)
            for at in places(log, first, part, generator):
                words = images.cut(at, generator, folder / "cut.img")
                position = log[at - 1].end if at else 0
                problems = self.verdict(folder, kind, Expectation(busy.done, position))
                number += 1
                if problems:
                    found.append({"cut": words, "problems": problems[:5]})
            images.close()
            shutil.rmtree(folder)
        print(f"  {kind}: {count} cuts, {len(found)} violations, {time.monotonic() - began:.0f} s", file=sys.stderr)
        return {"file_system": kind, "cuts": count, "violations": found}

    def verdict(self, folder, kind, expected):
        try:
            with mounted(folder / "cut.img", folder / "cut", kind) as place:
                return self.look(place, expected)
        except subprocess.CalledProcessError as error:
            return [f"the file system itself: {error.stderr.strip()}"]

    def look(self, place, expected):
        root = f"{place}/root"
        with self.bench.judge() as judge:
            problems = [f"raw: {one}" for one in judge.ask(root=root, recovered=False, verifies=True)]
            problems += [f"raw: {one}" for one in self.facts(place, expected, isRaw=True)]
            recovery = self.bench.program.run(place, ["init"])
            if recovery.returncode:
                return problems + [f"recovery exits with {recovery.returncode}: {recovery.stderr.strip()}"]
            problems += judge.ask(root=root, recovered=True, verifies=True)
        return problems + self.facts(place, expected)

    def facts(self, place, expected, isRaw=False):
        """As a runtime reads it before anything recovers; and as the program tells it afterwards."""
        link = pathlib.Path(place, "root/active")
        running = None
        if link.is_symlink():
            running = os.path.basename(os.readlink(f"{link}/robot_001"))
        if isRaw:
            return Expectation.problems(expected, expected.versions, running)
        done = subprocess.run([self.bench.program.path, "list", "--json", "--limit", "1000", "--root", f"{place}/root"],
                              env=self.bench.program.environment, capture_output=True, text=True, timeout=60)
        if done.returncode:
            return [f"list exits with {done.returncode}: {done.stderr.strip()}"]
        installed = {one["version"] for one in json.loads(done.stdout)["versions"] if one["installed"]}
        return expected.problems(installed, running)


class PeerCutter:
    """The same cuts below the stores of others: is what they acknowledged there, and right?"""

    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch

    def item(self, folder, number):
        source = folder / f"source-{number}" / f"item{number}"
        if not source.exists():
            source.mkdir(parents=True)
            generator = random.Random(number)
            (source / "lora_adapters.npz").write_bytes(generator.randbytes(generator.choice((900, 40_000, 300_000))))
            (source / "config.json").write_text(json.dumps({"rank": number}))
        return source

    def cut(self, peer, kind, count):
        began = time.monotonic()
        folder = self.scratch / f"{peer.name.replace(' ', '_')}-{kind}"
        disk = LoggedDisk(self.options.blocklog, folder, kind)
        done = []
        with disk.mounted() as place:
            store = peer(place / "store")
            store.setup()
            os.sync()
            first = disk.position()
            for number in range(1, self.options.rounds + 1):
                source = self.item(folder, number)
                asked = disk.position()
                store.put(number, source)
                done.append(Done(asked, disk.position(), "put", f"{number}"))
        log = records(disk.log)
        images = Images(disk.log, log, folder)
        generator = random.Random(f"{self.options.seed} {peer.name} {kind}")
        totals = dict(cuts=0, lost=0, wrong=0, check_fails=0, unusable=0)
        for at in places(log, first, count, generator):
            images.cut(at, generator, folder / "cut.img")
            position = log[at - 1].end if at else 0
            acknowledged = [int(one.what) for one in done if one.ended <= position]
            with mounted(folder / "cut.img", folder / "cut", kind) as place:
                outcome = self.look(store.at(place / "store"), acknowledged, folder)
            totals["cuts"] += 1
            for key in outcome:
                totals[key] += 1
        images.close()
        shutil.rmtree(folder)
        print(f"  {peer.name} on {kind}: {totals}, {time.monotonic() - began:.0f} s", file=sys.stderr)
        return {"store": peer.name, "file_system": kind, **totals}

    def look(self, store, acknowledged, folder):
        """Which of the bad things happened in this cut."""
        found = set()
        # The newest are the ones in danger; one that is older tells whether the store works at all.
        for number in acknowledged[-3:] + acknowledged[:1]:
            target = folder / "target"
            shutil.rmtree(target, ignore_errors=True)
            try:
                store.get(number, target)
                if not self.is_same(self.item(folder, number), target):
                    found.add("wrong")
            except (peers.Failed, OSError, shutil.Error):
                found.add("lost")
        try:
            store.check()
        except peers.Failed:
            found.add("check_fails")
        # Does it take the next item?
        try:
            store.put(1000, self.item(folder, 1000))
        except (peers.Failed, OSError, shutil.Error):
            found.add("unusable")
        return found

    @staticmethod
    def is_same(source, target):
        names = sorted(path.name for path in target.iterdir())
        return names == sorted(path.name for path in source.iterdir()) and all(
            (source / name).read_bytes() == (target / name).read_bytes() for name in names)


def why_not(options):
    """Why no power can be cut here; empty where it can."""
    if os.geteuid() != 0:
        return "not root, so no file system can be mounted"
    if not os.path.exists("/dev/loop-control"):
        return "there are no loop devices"
    if not os.path.exists("/dev/fuse"):
        return "there is no FUSE"
    if not options.blocklog:
        return "libfuse3 isn't installed, so no disk could be made"
    missing = [words[0] for words in MAKE.values() if not shutil.which(words[0])]
    return f"{', '.join(missing)} isn't installed" if missing else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    bench.add_arguments(parser)
    parser.add_argument("--blocklog", required=True, help="blocklog.c, compiled")
    parser.add_argument("--cuts", type=int, default=60, help="over all file systems")
    parser.add_argument("--rounds", type=int, default=6, help="how long a store is busy")
    parser.add_argument("--cuts-per-record", type=int, default=200)
    parser.add_argument("--peers", type=int, default=0, help="cuts of each other store on each file system, too")
    parser.add_argument("--file-system", action="append", choices=MAKE)
    options = parser.parse_args()
    if reason := why_not(options):
        print(f"SKIPPED: power cuts on real file systems: {reason}", file=sys.stderr)
        json.dump({"seed": options.seed, "skipped": reason, "stores": [], "peers": []}, sys.stdout)
        return
    kinds = options.file_system or list(MAKE)
    there = bench.Bench(options.modelctl, options.judge, options.scratch, options.workers)
    peers.ModelRegistry.path = options.modelctl
    try:
        cutter, others = Cutter(there, options), PeerCutter(options, there.scratch)
        each = -(-options.cuts // len(kinds))
        with concurrent.futures.ThreadPoolExecutor(min(options.workers, len(kinds))) as pool:
            results = list(pool.map(lambda kind: cutter.cut(kind, each), kinds)) if options.cuts else []
            compared = []
            for peer in peers.PEERS if options.peers else ():
                if not peer.is_here():
                    print(f"SKIPPED: {peer.name} isn't installed", file=sys.stderr)
                    continue
                compared += pool.map(lambda kind, peer=peer: others.cut(peer, kind, options.peers), kinds)
    finally:
        there.close()
    json.dump({"seed": options.seed, "stores": results, "peers": compared}, sys.stdout, indent=1)
    sys.exit(any(result["violations"] for result in results))


if __name__ == "__main__":
    main()
