#!/usr/bin/env python3
"""Measures modelctl against its limits; run by tools/benchmarks/run, which builds the program first.

Every ratio has its baseline in the same run, on the same file and file system, in turns with what is measured.
Times are medians of at least three; flush counts and peak memory are the worst of all rounds. Files are warm in the
page cache: what is compared is hashing and writing, not reading.
"""
import argparse
import base64
import datetime
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import remote
import scale
import service
import training

MIB = 1 << 20
FLUSHES = "fsync,fdatasync,sync_file_range,syncfs,sync,msync"


class Result:
    """One finished process: wall time in seconds, peak memory and bytes written as the kernel counted them, output."""

    def __init__(self, seconds, peak_bytes, written_bytes, output):
        self.seconds, self.peak_bytes, self.written_bytes, self.output = seconds, peak_bytes, written_bytes, output

    def document(self):
        return json.loads(self.output)


def run(command, root=None, expect=0):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MODELCTL_")}
    if root:
        environment["MODELCTL_ROOT"] = str(root)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
            (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
        ]
        words = [str(word) for word in command]
        began = time.perf_counter()
        pid = os.posix_spawnp(words[0], words, environment, file_actions=actions)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        seconds = time.perf_counter() - began
        # The process has ended and is not yet reaped, so its accounts are final and still there.
        written = int(re.search(r"^write_bytes: (\d+)", pathlib.Path(f"/proc/{pid}/io").read_text(), re.M)[1])
        _, status, usage = os.wait4(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        text = output.read().decode()
        if code != expect:
            sys.exit(f"error: '{' '.join(words)}' exited with {code}, expected {expect}:\n{errors.read().decode()}{text}")
    return Result(seconds, usage.ru_maxrss * 1024, written, text)


def median(values):
    return statistics.median(list(values))


class Benchmark:
    def __init__(self, modelctl, folder, size_mib, rounds):
        self.modelctl, self.folder, self.bytes, self.rounds = modelctl, folder, size_mib * MIB, max(rounds, 3)
        self.rows = []

    def ctl(self, root, *arguments, **options):
        return run([self.modelctl, *arguments], root, **options)

    def row(self, name, value, limit=None, unit=""):
        """One line of the table; `limit` is the largest value that passes, None where there is only something to know."""
        self.rows.append({
            "name": name, "limit": limit, "measured": value, "unit": unit,
            "ratio": value / limit if limit else None, "within": limit is None or value <= limit,
        })
        print(f"  {name}: {show(value, unit)}", file=sys.stderr)

    def fill(self, path, size):
        with open(path, "wb") as file:
            for _ in range(size // MIB):
                file.write(os.urandom(MIB))
            os.fsync(file.fileno())

    def fresh_store(self, name):
        root = self.folder / name
        if root.exists():
            shutil.rmtree(root)
        self.ctl(root, "init")
        return root

    def big_file(self):
        size = f"{self.bytes // MIB} MiB"
        big, copy = self.folder / "big.bin", self.folder / "copy.bin"
        self.fill(big, self.bytes)
        hashed, copied, published = [], [], []
        for _ in range(self.rounds):
            hashed.append(run(["openssl", "dgst", "-sha256", big]).seconds)
            os.sync()  # so that nobody pays for the round before
            copied.append(run(["sh", "-c", 'cp --reflink=never "$1" "$2" && sync "$2"', "sh", big, copy]).seconds)
            copy.unlink()
            root = self.fresh_store("store")
            os.sync()
            published.append(self.ctl(root, "publish", "big", big, "--json"))
            if published[-1].document()["existing"]:
                sys.exit("error: the first publish of a store says that the version was there")
        baseline = max(median(hashed), median(copied))
        which = "openssl dgst" if median(hashed) >= median(copied) else "cp + sync"
        self.row(f"openssl dgst -sha256 of {size}", median(hashed), unit="s")
        self.row(f"cp + sync of {size}", median(copied), unit="s")
        self.row(f"publish of {size}", median(p.seconds for p in published), unit="s")
        self.row(f"publish, times the longer baseline ({which})", median(p.seconds for p in published) / baseline, 1.3, "×")
        self.row("publish, peak memory", max(p.peak_bytes for p in published), 64 * MIB, "B")

        again = [self.ctl(root, "publish", "big", big, "--json") for _ in range(self.rounds)]
        for result in again:
            document = result.document()
            if not document["existing"] or document["reused_bytes"] != self.bytes:
                sys.exit(f"error: publishing the same file again was not recognised: {document}")
        # A page or two of the index and a record of the audit may be written; the file's bytes may not.
        self.row("publish again, bytes written", max(r.written_bytes for r in again), 1 * MIB, "B")
        self.row("publish again", median(r.seconds for r in again), unit="s")

        verified = [self.ctl(root, "verify", "--full", "--json") for _ in range(self.rounds)]
        if verified[0].document()["checked_bytes"] < self.bytes:
            sys.exit(f"error: verify has not checked all bytes: {verified[0].document()}")
        self.row("verify --full, peak memory", max(v.peak_bytes for v in verified), 64 * MIB, "B")
        self.row("verify --full", median(v.seconds for v in verified), unit="s")

        start = median(run([self.modelctl, "version"]).seconds for _ in range(10))
        made = []
        for _ in range(max(self.rounds, 5)):
            self.ctl(root, "uninstall", "big_v1")
            made.append(self.ctl(root, "install", "big_v1").seconds)
        self.row("process start (modelctl version)", start, unit="s")
        self.row(f"tree of a {size} version, beyond process start", max(median(made) - start, 0), 0.050, "s")
        big.unlink()
        shutil.rmtree(root)

    def many_files(self):
        """The same bytes in eight files: what hashing in parallel brings, without a limit (it depends on the cores)."""
        many = self.folder / "many"
        many.mkdir()
        for number in range(8):
            self.fill(many / f"part{number}.bin", self.bytes // 8)
        root = self.fresh_store("store")
        self.ctl(root, "publish", "many", many)
        again = median(self.ctl(root, "publish", "many", many).seconds for _ in range(self.rounds))
        self.row("publish again, the same bytes in 8 files", again, unit="s")
        shutil.rmtree(many)
        shutil.rmtree(root)

    def archive(self):
        """A model in a tar.gz, as others send it: text of random bytes, so that unpacking is real work."""
        size = f"{self.bytes // MIB} MiB"
        folder, packed, unpacked = self.folder / "model", self.folder / "model.tar.gz", self.folder / "unpacked"
        folder.mkdir()
        weights = folder / "lora_adapters.npz"
        with open(weights, "wb") as file:
            for _ in range(self.bytes // MIB):
                file.write(base64.b64encode(os.urandom(3 * MIB // 4)))
        digest = run(["openssl", "dgst", "-sha256", "-r", weights]).output.split()[0]
        (folder / "manifest.json").write_text(json.dumps({
            "model_id": "adapters/robot_001", "version": "v1", "model_type": "adapter",
            "files": [{"name": weights.name, "size": weights.stat().st_size, "checksum": digest}],
        }))
        run(["sh", "-c", 'tar cf - -C "$1" . | gzip -1 >"$2"', "sh", folder, packed])
        shutil.rmtree(folder)
        baseline, imported = [], []
        for _ in range(self.rounds):
            unpacked.mkdir()
            os.sync()
            baseline.append(run(["tar", "xzf", packed, "-C", unpacked]).seconds
                            + run(["openssl", "dgst", "-sha256", unpacked / weights.name]).seconds)
            shutil.rmtree(unpacked)
            root = self.fresh_store("store")
            os.sync()
            imported.append(self.ctl(root, "import", packed, "--json"))
        ratio = median(r.seconds for r in imported) / median(baseline)
        self.row(f"tar xzf + openssl dgst of {size}", median(baseline), unit="s")
        self.row(f"import of a {size} tar.gz, times tar xzf + openssl dgst", ratio, 1.3, "×")
        self.row("import of a tar.gz, peak memory", max(r.peak_bytes for r in imported), 64 * MIB, "B")
        packed.unlink()
        shutil.rmtree(root)

    def group(self):
        """A registry plan's root of many small versions in one import; and the index of them, made again."""
        count, plan = 10_000, self.folder / "plan"
        for number in range(1, count + 1):
            folder = plan / "adapters" / f"robot_001_v{number}"
            folder.mkdir(parents=True)
            weights = os.urandom(512)
            (folder / "lora_adapters.npz").write_bytes(weights)
            (folder / "manifest.json").write_text(json.dumps({
                "model_id": "adapters/robot_001", "version": f"v{number}", "model_type": "adapter",
                "checksum": hashlib.sha256(weights).hexdigest(),
            }))
        seconds = []
        for number in range(self.rounds):
            root = self.fresh_store(f"group{number}")  # ext4 is slow where files were deleted a moment ago
            os.sync()
            seconds.append(self.ctl(root, "import", plan, "-q").seconds)
        each = median(seconds) / count
        print(f"  ({1 / each:.0f} versions a second in one import)", file=sys.stderr)
        self.row("a small version in one import of 10,000 (≥ 5,000/s)", each, 1 / 5000, "s")
        rebuilt = []
        for _ in range(self.rounds):
            for name in ("registry.db", "registry.db-wal", "registry.db-shm"):
                (root / name).unlink(missing_ok=True)
            rebuilt.append(self.ctl(root, "rebuild", "--json"))
            document = rebuilt[-1].document()
            if document["versions"] != count or document["problems"]:
                sys.exit(f"error: the rebuild brought back something else: {document}")
        self.row("rebuild of 10,000 versions", median(r.seconds for r in rebuilt), 30, "s")

    def flushes(self, root, *arguments):
        log = self.folder / "strace.txt"
        run(["strace", "-f", "-qq", "-e", f"trace={FLUSHES}", "-o", log, self.modelctl, *arguments], root)
        return len(re.findall(rf"^\d+ +(?:{FLUSHES.replace(',', '|')})\(", log.read_text(), re.M))

    def switches(self):
        root = self.fresh_store("store")
        source = self.folder / "small.bin"

        def publish():
            source.write_bytes(os.urandom(4096))
            return self.ctl(root, "publish", "robot_001", source, "--json").document()["version"]

        counts = {"activate": [], "confirm": [], "boot": [], "rollback": []}
        self.ctl(root, "activate", publish())  # the first activation has nothing to fall back to
        for _ in range(self.rounds):
            counts["activate"].append(self.flushes(root, "activate", publish()))
            counts["confirm"].append(self.flushes(root, "confirm"))
            counts["boot"].append(self.flushes(root, "boot"))
            counts["activate"].append(self.flushes(root, "activate", publish()))
            counts["rollback"].append(self.flushes(root, "rollback"))
        self.row("flushes of activate", max(counts["activate"]), 6)
        self.row("flushes of confirm", max(counts["confirm"]), 3)
        self.row("flushes of rollback", max(counts["rollback"]), 3)
        self.row("flushes of boot, confirmed", max(counts["boot"]), 0)

        lines = {self.ctl(root, "active", "--path").output for _ in range(3)}
        if len(lines) != 1 or not pathlib.Path(lines.pop().strip()).is_dir():
            sys.exit("error: active --path does not print the path of a folder")
        path = median(self.ctl(root, "active", "--path").seconds for _ in range(50))
        self.row("active --path, whole process", path, 0.020, "s")
        self.row("true, whole process", median(run(["true"]).seconds for _ in range(50)), unit="s")


def show(value, unit):
    if unit == "s" and 0 < value < 0.001:
        return f"{value * 1e6:.0f} µs"
    if unit == "s":
        return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"
    if unit == "B":
        return f"{value / MIB:.1f} MiB"
    if unit == "µs":
        return f"{value:.0f} µs"
    if unit == "×":
        return f"{value:.2f} ×"
    return str(value)


def machine(folder):
    """The kind of machine, without its name: processor, cores, memory, kernel, file system."""
    cpu = platform.machine()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            cpu = line.split(":", 1)[1].strip()
            break
    memory = int(re.search(r"MemTotal: +(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) / MIB
    mount = subprocess.run(["findmnt", "--noheadings", "--output=FSTYPE", "--target", folder], capture_output=True, text=True)
    return {
        "processor": cpu, "cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory, 1),
        "kernel": platform.release().split("-")[0], "file_system": mount.stdout.strip() or "unknown file system",
    }


def table(rows, markdown):
    head = ["measure", "limit", "measured", "of limit", ""]
    lines = []
    for row in rows:
        lines.append([
            row["name"], "" if row["limit"] is None else "≤ " + show(row["limit"], row["unit"]),
            show(row["measured"], row["unit"]), "" if row["ratio"] is None else f"{row['ratio']:.2f}",
            "" if row["limit"] is None else "ok" if row["within"] else "OVER",
        ])
    if markdown:
        return ["| " + " | ".join(line) + " |" for line in [head, ["---", "--:", "--:", "--:", "---"], *lines]]
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(5)]
    return ["  ".join(
        word.ljust(width) if column in (0, 4) else word.rjust(width)
        for column, (word, width) in enumerate(zip(line, widths))).rstrip() for line in [head, *lines]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modelctl", required=True, help="the program to measure")
    parser.add_argument("--size", type=int, default=1024, metavar="MIB", help="size of the large file (default 1024)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds, at least 3")
    parser.add_argument("--scale", metavar="FILE", help="the program that measures the index; without it that part is left out")
    parser.add_argument("--simulator", metavar="FILE", help="the simulated bucket; without it remotes are left out")
    parser.add_argument("--kills", type=int, default=100, metavar="N", help="how often transfers are killed (default 100)")
    parser.add_argument("--folder", default=".build", help="where the files and stores are made (default .build)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--markdown", action="store_true", help="print the table as README.md has it")
    arguments = parser.parse_args()
    if arguments.size < 8:
        parser.error("--size is at least 8")

    pathlib.Path(arguments.folder).mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="benchmarks-", dir=arguments.folder)).resolve()
    try:
        benchmark = Benchmark(arguments.modelctl, folder, arguments.size, arguments.rounds)
        # First: ext4 is slow to give out inodes for minutes after many files were removed.
        if arguments.scale:
            scale.measure(benchmark, arguments.scale)
            service.pages(benchmark, median, folder / f"scale-{scale.LARGE}" / f"store-{scale.LARGE}", "10⁶")
        benchmark.group()
        benchmark.switches()
        benchmark.big_file()
        benchmark.many_files()
        benchmark.archive()
        training.measure(benchmark, median, run)
        service.measure(benchmark, median, run)
        if arguments.simulator:
            benchmark.kills = arguments.kills
            remote.measure(benchmark, arguments.simulator, median, run)
        kind = machine(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    rows, date = benchmark.rows, datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    over = [row["name"] for row in rows if not row["within"]]
    if arguments.json:
        print(json.dumps({"date": date, "machine": kind, "size_mib": arguments.size, "rows": rows, "within": not over}, indent=2))
    else:
        print("\n".join(table(rows, arguments.markdown)))
        print(f"\n{date}, {kind['processor']}, {kind['cores']} cores, {kind['memory_gib']} GiB, "
              f"Linux {kind['kernel']}, {kind['file_system']}")
    if over:
        print(f"error: over the limit: {', '.join(over)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
