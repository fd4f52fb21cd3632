"""Packing episodes beside zip and openssl, and jobs in the index: many beside few."""
import json
import os
import shutil
import sqlite3

MIB = 1 << 20


def record(folder, size):
    """Episodes of both layouts, `size` bytes in all: half of them text as robots log it, half images and arrays."""
    folder.mkdir()
    step = json.dumps({"observation": {"state": [0.123456789] * 64, "text": "x" * 400}, "action": [0.5] * 7, "reward": 0.0})
    text = (step + "\n").encode() * 700  # about 1 MiB
    # What numpy.save writes for an array of bytes.
    literal = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({MIB},), }}".ljust(117) + "\n"
    head = b"\x93NUMPY\x01\x00" + len(literal).to_bytes(2, "little") + literal.encode()
    written, number = 0, 0
    while written < size:
        number += 1
        if number % 8 == 0:
            whole = '{"metadata":{"robot":"r"},"steps":[' + ",".join([step] * 700) + "]}"
            (folder / f"ep_{number:05}.json").write_text(whole)
            written += len(whole)
            continue
        episode = folder / f"ep_{number:05}"
        (episode / "steps").mkdir(parents=True)
        (episode / "metadata.json").write_text('{"robot":"r"}')
        for part in range(2):
            (episode / "steps" / f"{part:03}.jsonl").write_bytes(text)
            (episode / f"step_{part}_rgb.npy").write_bytes(head + os.urandom(MIB))
        written += 2 * (len(text) + MIB)
    return number


def episodes(benchmark, median, run):
    size = benchmark.bytes
    folder, archive = benchmark.folder / "episodes", benchmark.folder / "episodes.zip"
    count = record(folder, size)
    remote = benchmark.folder / "episodes-remote"
    remote.mkdir()
    baseline, packed = [], []
    for _ in range(benchmark.rounds):
        os.sync()
        baseline.append(run(["sh", "-c", 'cd "$1" && zip -0 -q -r "$2" .', "sh", folder, archive]).seconds
                        + run(["openssl", "dgst", "-sha256", archive]).seconds)
        archive.unlink()
        root = benchmark.fresh_store("store")
        benchmark.ctl(root, "remote", "set", f"file://{remote}")
        os.sync()
        packed.append(benchmark.ctl(root, "episodes", "upload", folder, "--later", "--json"))
    sent = benchmark.ctl(root, "episodes", "upload", folder, "--json")
    if sent.document()["archives"][0]["episodes"] != count:
        raise SystemExit(f"error: not all episodes were packed: {sent.document()}")
    name = f"{size // MIB} MiB of episodes"
    benchmark.row(f"zip -0 + openssl dgst of {name}", median(baseline), unit="s")
    benchmark.row(f"packing {name} durably, times zip -0 + openssl dgst", median(p.seconds for p in packed) / median(baseline), 2.0, "×")
    benchmark.row("packing episodes, peak memory", max(p.peak_bytes for p in packed), 64 * MIB, "B")
    benchmark.row("sending them, peak memory", sent.peak_bytes, 64 * MIB, "B")
    shutil.rmtree(folder)
    shutil.rmtree(remote)
    shutil.rmtree(root)


def jobs(benchmark, median):
    """A page of jobs, and one job, with 10 and with 1,000 in the store."""
    for count in (10, 1000):
        root = benchmark.fresh_store("store")
        with sqlite3.connect(root / "registry.db") as index:
            for number in range(count):
                job, at = f"job_{number:012x}", f"2026-01-05T10:{number // 60 % 60:02}:{number % 60:02}.000Z"
                document = {"job_id": job, "robot_id": "robot-7", "status": "completed", "created_at": at, "config": {}}
                index.execute(
                    "INSERT INTO training_jobs (job, robot, status, revision, created_at, changed_at, document) "
                    "VALUES (?, 'robot-7', 'completed', 1, ?, ?, ?)", (job, 1767600000000 + number * 1000, 0, json.dumps(document)))
        index.close()
        rounds = max(benchmark.rounds, 5)
        listed = median(benchmark.ctl(root, "train", "list", "--limit", "10", "-q").seconds for _ in range(rounds))
        asked = median(benchmark.ctl(root, "train", "status", f"job_{count // 2:012x}", "-q").seconds for _ in range(rounds))
        benchmark.row(f"train list --limit 10 of {count:,} jobs, the process included", listed, unit="s")
        benchmark.row(f"train status of one of {count:,} jobs, the process included", asked, unit="s")
        shutil.rmtree(root)


def measure(benchmark, median, run):
    episodes(benchmark, median, run)
    jobs(benchmark, median)
