"""Measures the same five tasks with what people use today, in turns; run by tools/benchmarks/compare.

Times are medians, each tool once a round. Flushes are counted in a run of their own, as counting costs time. Files are warm in
the page cache, so what is compared is reading from memory, hashing and writing.
"""
import argparse
import datetime
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

import contenders
from contenders import CONTENDERS, ENVIRONMENT

MIB = 1 << 20
TASKS = ("ingest", "install", "switch", "look_up", "verify")
NAMES = {"ingest": "ingest", "install": "install from a share", "switch": "switch", "look_up": "look up", "verify": "verify all"}
FLUSHES = "fsync,fdatasync,sync_file_range,syncfs,sync,msync"


def run(commands, counting=None):
    """Seconds and peak bytes of commands, one after the other; with `counting` their flushes go to that file."""
    seconds, peak = 0.0, 0
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MODELCTL_")} | ENVIRONMENT
    for command in commands:
        words = [f"{word}" for word in command]
        if counting:
            words = ["strace", "-f", "-qq", "-A", "-o", f"{counting}", "-e", f"trace={FLUSHES}", "-e", "signal=none", *words]
        with tempfile.TemporaryFile() as output, tempfile.NamedTemporaryFile() as memory:
            # A small program starts it: the kernel counts the memory of whoever starts one as its own until it executes.
            words = ["/usr/bin/time", "--quiet", "--format=%M", f"--output={memory.name}", *words]
            began = time.perf_counter()
            done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            seconds += time.perf_counter() - began
            if done.returncode:
                output.seek(0)
                sys.exit(f"error: {' '.join(words)[:300]} exits with {done.returncode}: {output.read().decode()[-2000:]}")
            peak = max(peak, int(memory.read()) * 1024)
    return seconds, peak


def one_round(contender, tasks, counting=None):
    """What each task took. Two versions are there when something is switched."""
    results = {}

    def measure(name, commands, counted=True):
        if not commands:
            return
        if counting and counted:
            counting.unlink(missing_ok=True)
        seconds, peak = run(commands, counting if counted else None)
        if counted:
            flushes = len(re.findall(r"^\d+ +(?:\w+\(|<\.\.\. \w+ resumed>).* = 0$", counting.read_text(), re.M)) if (
                counting and counting.exists()) else 0
            results[name] = (seconds, peak, flushes)

    run(contender.setup())
    os.sync()
    measure("ingest", contender.ingest(1))
    if tasks == "ingest":
        return results
    run(contender.before_install())
    os.sync()
    measure("install", contender.install(1))
    run(contender.ingest(2))
    measure("to the other one", contender.switch(1), counted=False)
    os.sync()
    measure("switch", contender.switch(2))
    measure("look_up", contender.look_up())
    measure("verify", contender.verify())
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modelctl", required=True)
    parser.add_argument("--python", help="one that has DVC and MLflow")
    parser.add_argument("--size", type=int, default=32, help="MiB of a version's weights")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scratch", default="/var/tmp")
    parser.add_argument("--output", help="a file for the result as JSON")
    options = parser.parse_args()
    contenders.ModelRegistry.path = options.modelctl
    if options.python:
        contenders.MLflow.python, contenders.MLflow.available = options.python, True
        contenders.DVC.path = f"{pathlib.Path(options.python).parent}/dvc"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="compare-", dir=options.scratch))
    here = [one for one in CONTENDERS if one.is_here()]
    for one in CONTENDERS:
        if one not in here:
            print(f"SKIPPED: {one.name} isn't installed", file=sys.stderr)
    try:
        sources = {}
        for number in (1, 2):
            sources[number] = folder / f"source-{number}"
            sources[number].mkdir()
            with open(sources[number] / "lora_adapters.npz", "wb") as file:
                for _ in range(options.size):
                    file.write(os.urandom(MIB))
            (sources[number] / "config.json").write_text(json.dumps({"rank": number}))
        measured = {one.name: [] for one in here}
        flushes = {}
        # The last round counts.
        for number in range(max(options.rounds, 5) + 1):
            is_counting = number == max(options.rounds, 5)
            for one in here:
                place = folder / "round"
                place.mkdir()
                result = one_round(one(place, sources), "all", folder / "flushes" if is_counting else None)
                if is_counting:
                    flushes[one.name] = {task: value[2] for task, value in result.items()}
                else:
                    measured[one.name].append(result)
                subprocess.run(["chmod", "-R", "u+w", place], check=True)
                shutil.rmtree(place)
            print(f"  round {number + 1} of {max(options.rounds, 5) + 1}", file=sys.stderr)
    finally:
        subprocess.run(["chmod", "-R", "u+w", folder])
        shutil.rmtree(folder, ignore_errors=True)
    starts = [run([[options.modelctl, "version"]])[0] for _ in range(max(options.rounds, 5))]
    cpu = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    document = {
        "processor": cpu[1] if cpu else platform.machine(), "start_seconds": statistics.median(starts),
        "date": datetime.date.today().isoformat(), "size_mib": options.size, "rounds": max(options.rounds, 5),
        "kernel": platform.release().split("-")[0], "cores": os.cpu_count(),
        "rows": [{
            "tool": one.name, "note": one.note,
            "peak_bytes": max(value[1] for result in measured[one.name] for value in result.values()),
            "tasks": {task: {"seconds": statistics.median(result[task][0] for result in measured[one.name]),
                             "flushes": flushes[one.name][task]}
                      for task in TASKS if task in measured[one.name][0]},
        } for one in here],
    }
    if options.output:
        pathlib.Path(options.output).write_text(json.dumps(document, indent=1) + "\n")
    print(table(document))


def table(document):
    """Markdown: seconds, how many times ours that is, and flushes; what is less than ours is bold."""
    ours = document["rows"][0]

    def bold(text, is_less):
        return f"**{text}**" if is_less else text

    lines = ["| | " + " | ".join(NAMES[task] for task in TASKS) + " | memory | |",
             "|---|" + "---|" * (len(TASKS) + 2)]
    for row in document["rows"]:
        cells = []
        for task in TASKS:
            if task not in row["tasks"]:
                cells.append("–")
                continue
            seconds, count = row["tasks"][task]["seconds"], row["tasks"][task]["flushes"]
            ratio = seconds / ours["tasks"][task]["seconds"]
            times = f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}"
            cells.append(f"{bold(f'{duration(seconds)} ({times} ×)', ratio < 0.995)}, "
                         f"{bold(f'{count} f', count < ours['tasks'][task]['flushes'])}")
        memory = bold(f"{row['peak_bytes'] / MIB:.0f} MiB", row["peak_bytes"] < ours["peak_bytes"])
        lines.append(f"| {row['tool']} | " + " | ".join(cells) + f" | {memory} | {row['note']} |")
    return "\n".join(lines) + (
        f"\n\n{document['date']}, {document['processor']}, {document['cores']} cores, Linux {document['kernel']}; {document['size_mib']} MiB, "
        f"medians of {document['rounds']} rounds; a start of our program took {duration(document['start_seconds'])}")


def duration(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    main()
