"""Measures what a remote costs: transfers, kills in the middle of them, quiet and busy rounds of sync, a crowd.

The bucket is the simulator of the tests, on loopback; it counts what it sent and received.
"""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

MIB = 1 << 20
BUCKET = "bench-models"


class Cloud:
    """A simulated bucket in a process of its own; bodies lie in files of `spool`."""

    def __init__(self, program, spool):
        spool.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [program, "--bucket", BUCKET, "--spool", spool, "--no-md5"], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        os.environ["STORAGE_EMULATOR_HOST"] = self.url

    def traffic(self):
        """Requests, received and sent bytes since the last time."""
        self.process.send_signal(signal.SIGUSR1)
        words = self.process.stdout.readline().split()
        return int(words[1]), int(words[3]), int(words[5])

    def stop(self):
        self.process.kill()
        self.process.wait()
        del os.environ["STORAGE_EMULATOR_HOST"]


def store(benchmark, name, uri):
    root = benchmark.fresh_store(name)
    (root / "config.yaml").write_text(f"remote: {{robot: {name}}}\n")
    benchmark.ctl(root, "remote", "set", uri)
    return root


def transfers(benchmark, program, median, run):
    """A large version up and down, beside curl and openssl. Each upload meets a server that has nothing yet: what it holds
    from earlier ones, in memory that was never used before, would slow down whoever comes later."""
    size = f"{benchmark.bytes // MIB} MiB"
    source, copy = benchmark.folder / "remote.bin", benchmark.folder / "curl.bin"
    benchmark.fill(source, benchmark.bytes)
    digest = run(["openssl", "dgst", "-sha256", "-r", source]).output.split()[0]
    up, down, up_curl, down_curl = [], [], [], []
    for number in range(benchmark.rounds):
        cloud = Cloud(program, benchmark.folder / "spool")
        start = f"{cloud.url}/upload/storage/v1/b/{BUCKET}/o?uploadType=resumable&name=curl"
        # The same kind of upload, which a server treats otherwise than one that can't be gone on with.
        headers = run(["curl", "-sSf", "-D", "-", "-o", os.devnull, "-X", "POST", "-d", "", start]).output
        session = re.search(r"^location: *(\S+)", headers, re.I | re.M)[1]
        os.sync()
        up_curl.append(
            run(["curl", "-sSf", "-o", os.devnull, "-T", source, session]).seconds
            + run(["openssl", "dgst", "-sha256", source]).seconds)
        cloud.stop()
        cloud = Cloud(program, benchmark.folder / "spool")
        uri = f"gs://{BUCKET}/models"
        left, right = store(benchmark, f"left{number}", uri), store(benchmark, f"right{number}", uri)
        benchmark.ctl(left, "publish", "robot_001", source)
        os.sync()
        up.append(benchmark.ctl(left, "push", "robot_001_v1"))
        os.sync()
        blob = f"{cloud.url}/download/storage/v1/b/{BUCKET}/o/models%2Fblobs%2Fsha256%2F{digest}?alt=media"
        down_curl.append(
            run(["curl", "-sSf", "-o", copy, blob]).seconds + run(["sync"]).seconds
            + run(["openssl", "dgst", "-sha256", copy]).seconds)
        copy.unlink()
        os.sync()
        down.append(benchmark.ctl(right, "install", "robot_001_v1"))
        cloud.stop()
        shutil.rmtree(left)
        shutil.rmtree(right)
    source.unlink()
    benchmark.row(f"curl + openssl dgst of {size}, up", median(up_curl), unit="s")
    benchmark.row(f"push of {size}, times curl + openssl dgst",
                  median(r.seconds for r in up) / median(up_curl), 1.5, "×")
    benchmark.row("push, peak memory", max(r.peak_bytes for r in up), 64 * MIB, "B")
    benchmark.row(f"curl + sync + openssl dgst of {size}, down", median(down_curl), unit="s")
    benchmark.row(f"install of {size} from a bucket, times curl + sync + openssl dgst",
                  median(r.seconds for r in down) / median(down_curl), 1.5, "×")
    benchmark.row("install from a bucket, peak memory", max(r.peak_bytes for r in down), 64 * MIB, "B")


def killed(benchmark, root, seconds, *arguments):
    """Runs a command again and again, killed at random moments; how often it died. Then to its end."""
    environment = {**os.environ, "MODELCTL_ROOT": str(root)}
    deaths = 0
    while deaths < benchmark.kills:
        child = subprocess.Popen(
            [benchmark.modelctl, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.004, seconds))
        child.kill()
        if child.wait() == -signal.SIGKILL:
            deaths += 1
        else:
            break
    benchmark.ctl(root, *arguments)
    return deaths


def kills(benchmark, cloud):
    """200 MB that are killed a hundred times: what the other side counted beyond their size, for each kill."""
    random.seed(4)
    source = benchmark.folder / "killed.bin"
    benchmark.fill(source, 200 * MIB)
    uri = f"gs://{BUCKET}/killed"
    left, right = store(benchmark, "killed-left", uri), store(benchmark, "killed-right", uri)
    benchmark.ctl(left, "publish", "robot_001", source)
    cloud.traffic()
    deaths = killed(benchmark, left, 0.025, "push", "robot_001_v1")
    _, received, _ = cloud.traffic()
    benchmark.row(f"upload killed {deaths} times, bytes sent again for each kill",
                  max(0, received - 200 * MIB) / max(deaths, 1), 512 << 10, "B")
    deaths = killed(benchmark, right, 0.03, "install", "robot_001_v1")
    _, _, sent = cloud.traffic()
    benchmark.row(f"download killed {deaths} times, bytes fetched again for each kill",
                  max(0, sent - 200 * MIB) / max(deaths, 1), 256 << 10, "B")
    benchmark.ctl(right, "verify", "--full")
    shutil.rmtree(left)
    shutil.rmtree(right)
    source.unlink()


def rounds(benchmark):
    """A round of sync that brings ten new versions, beside few and many that were there long before."""
    small = benchmark.folder / "small.bin"
    for existing in (1_000, 100_000):
        remote = benchmark.folder / f"remote{existing}"
        remote.mkdir()
        left = store(benchmark, f"l{existing}", f"file://{remote}")
        right = store(benchmark, f"r{existing}", f"file://{remote}")
        benchmark.ctl(right, "sync")
        for folder in ("adapters", "journal"):
            (remote / folder).mkdir(exist_ok=True)
        for number in range(1, existing + 1):
            name = f"old_{number % 1000}_v{number // 1000 + 1}"
            (remote / "adapters" / name).mkdir()
            (remote / "adapters" / name / "manifest.json").write_bytes(b"{}")
            (remote / "journal" / f"20200101T000000000Z-{name}.json").write_bytes(b"{}")
        for _ in range(10):
            small.write_bytes(os.urandom(4096))
            version = benchmark.ctl(left, "publish", "robot_001", small, "--json").document()["version"]
            benchmark.ctl(left, "push", version)
        result = benchmark.ctl(right, "sync", "--json")
        document = json.loads(result.output)
        if document["fetched_versions"] != 10:
            sys.exit(f"error: sync brought something else: {document}")
        benchmark.row(f"requests of a sync of 10 new versions beside {existing:,}", document["requests"])
        benchmark.row(f"sync of 10 new versions beside {existing:,} in a directory", result.seconds, 2, "s")


def crowd(benchmark, cloud):
    """Sixteen robots at once: every version arrives everywhere, and one wins the number that all want."""
    count = 16
    small = benchmark.folder / "crowd.bin"
    roots = []
    for number in range(count):
        root = store(benchmark, f"crowd{number}", f"gs://{BUCKET}/crowd")
        for adapter in ("shared", f"own{number}"):
            small.write_bytes(os.urandom(4096))
            benchmark.ctl(root, "publish", adapter, small)
        roots.append(root)

    def all_at_once(arguments):
        children = [
            subprocess.Popen([benchmark.modelctl, *arguments(number)], env={**os.environ, "MODELCTL_ROOT": str(root)},
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for number, root in enumerate(roots)]
        return [child.wait() for child in children]

    began = time.perf_counter()
    winners = all_at_once(lambda _: ["push", "shared_v1"]).count(0)
    problems = all_at_once(lambda number: ["push", f"own{number}_v1"])
    problems += all_at_once(lambda _: ["sync"]) + all_at_once(lambda _: ["channel", "set", "best", "own0_v1"])
    problems += all_at_once(lambda _: ["sync"])
    seconds = time.perf_counter() - began
    missing = 0
    for root in roots:
        versions = benchmark.ctl(root, "list", "--json").document()["versions"]
        missing += abs(count + 1 - len(versions))
        benchmark.ctl(root, "verify")
    benchmark.row("16 robots at once: winners of one number, beyond the one", abs(winners - 1), 0)
    benchmark.row("16 robots at once: commands that failed, versions that are missing",
                  sum(code != 0 for code in problems) + missing, 0)
    benchmark.row("16 robots at once: push, sync, move a channel, sync", seconds, unit="s")


def measure(benchmark, program, median, run):
    transfers(benchmark, program, median, run)
    cloud = Cloud(program, benchmark.folder / "spool")
    try:
        kills(benchmark, cloud)
        crowd(benchmark, cloud)
    finally:
        cloud.stop()
    rounds(benchmark)
