"""Runs every part of the evidence at a size, and puts their results into one document: tools/evidence/run --help."""
import argparse
import datetime
import itertools
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import threading
import time

FOLDER = pathlib.Path(__file__).parent
# Each part's own arguments. The quick size is for every change, and takes minutes; the long one is for a weekend.
SIZES = {
    "quick": {
        "explore": ["--states", "3944"],
        "omissions": ["--states", "100"],
        "faults": ["--faults", "306"],
        "cuts": ["--cuts", "60"],
        "fuzz": ["--cases", "200", "--requests", "600"],
        "races": ["--seconds", "15", "--switches", "120"],
    },
    "standard": {
        "explore": ["--states", "17000"],
        "omissions": [],
        "faults": ["--faults", "6000"],
        "cuts": ["--cuts", "600", "--peers", "20"],
        "fuzz": ["--cases", "5000", "--requests", "50000"],
        "libfuzzer": ["--seconds", "60"],
        "races": ["--seconds", "300", "--switches", "2000"],
    },
    "long": {
        "explore": ["--states", "420000"],
        "omissions": [],
        "faults": ["--faults", "0"],
        "cuts": ["--cuts", "6000", "--peers", "300"],
        "fuzz": ["--cases", "200000", "--requests", "1000000"],
        "libfuzzer": ["--seconds", "3600"],
        "races": ["--seconds", "3600", "--switches", "10000"],
    },
}


# What a size stands for, whatever a part made of its arguments.
FLOORS = {"quick": {"explore": 5_000, "cuts": 60}, "standard": {"explore": 20_000, "cuts": 600}, "long": {"explore": 500_000, "cuts": 5_000}}
# What each part is told of beyond its size and seed.
PROGRAMS = {"faults": ("modelctl", "judge", "library"), "cuts": ("modelctl", "judge", "blocklog"), "libfuzzer": ()}


def machine():
    cpu = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    return {"processor": cpu[1] if cpu else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release().split("-")[0], "system": platform.machine()}


def run(part, size, seed, programs):
    """A part's result, and whether it held."""
    told = [word for name in PROGRAMS.get(part, ("modelctl", "judge")) for word in (f"--{name}", programs[name])]
    words = [sys.executable, FOLDER / f"{part}.py", *told, "--seed", seed, *SIZES[size][part]]
    print(f"== {part}", file=sys.stderr, flush=True)
    began = time.monotonic()
    done = subprocess.Popen([f"{word}" for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    last = []
    listener = threading.Thread(target=passing_on, args=(done.stderr, last))
    listener.start()
    text = done.stdout.read()
    listener.join()
    code = done.wait()
    seconds = round(time.monotonic() - began)
    try:
        result = json.loads(text)
    except ValueError:
        result = {"failed": f"it printed no result and exited with {code}"}
    return result | {"seconds": seconds, "held": code == 0} | ({"last": last} if code else {})


def passing_on(stream, last):
    """Shows what a part says as it says it, and keeps the last of it."""
    for line in stream:
        print(line, end="", file=sys.stderr, flush=True)
        last[:] = [*last[-7:], line.rstrip()]


def violations_in(result):
    """Every violation of a part, wherever its document has it."""
    inner = result.values() if isinstance(result, dict) else result if isinstance(result, list) else ()
    for value in inner:
        yield from violations_in(value)
    if isinstance(result, dict) and isinstance(result.get("violations"), list):
        yield from result["violations"]


def count(document):
    """The lines that are printed at the end: what was tried, and what it broke."""
    parts = {name: part for name, part in document["parts"].items() if "failed" not in part}
    broken = 0
    if operations := parts.get("explore", {}).get("operations"):
        states = sum(one["states"] + one["states_in_recovery"] for one in operations)
        violations = sum(len(one["violations"]) for one in operations)
        broken += violations
        yield f"{states} states after power cuts, {len(operations)} operations: {violations} violations"
        if states < (floor := FLOORS[document["size"]]["explore"]):
            broken += 1
            parts["explore"]["held"] = False
            yield f"TOO FEW states: {floor} are this size's"
    if flushes := parts.get("omissions", {}).get("flushes"):
        seen = sum(bool(one["violation"]) for one in flushes)
        excused = sum(bool(one["excuse"]) and not one["violation"] for one in flushes)
        unseen = len(flushes) - seen - excused
        wrong = sum(bool(one["excuse"] and one["violation"]) for one in flushes)
        violations = len(parts["omissions"]["violations"])
        broken += unseen + wrong + violations
        yield (f"{len(flushes)} kinds of flushes left out: {seen} seen, {excused} excused, {unseen} unseen; "
               f"{parts['omissions']['controls']} states with nothing left out: {violations} violations; "
               f"{parts['omissions']['kills']} kills, {len(parts['omissions']['missed'])} missed")
    if operations := parts.get("faults", {}).get("operations"):
        violations = sum(len(one["violations"]) for one in operations)
        broken += violations
        injected = sum(one["faults"] - one["outcomes"].get("not met", 0) for one in operations)
        yield f"{injected} faults injected: {violations} violations"
    if cuts := parts.get("cuts"):
        if "skipped" in cuts:
            yield f"SKIPPED power cuts on real file systems: {cuts['skipped']}"
        else:
            violations = sum(len(one["violations"]) for one in cuts["stores"])
            broken += violations
            kinds = ", ".join(one["file_system"] for one in cuts["stores"])
            made = sum(one["cuts"] for one in cuts["stores"])
            yield f"{made} power cuts on {kinds}: {violations} violations"
            if made < (floor := FLOORS[document["size"]]["cuts"]):
                broken += 1
                cuts["held"] = False
                yield f"TOO FEW cuts: {floor} are this size's"
    if races := parts.get("races"):
        violations = len(races["killing"]["violations"]) + len(races["reading"]["violations"])
        broken += violations
        yield (f"{races['killing']['killed']} processes killed beside {races['killing']['ended']} that ended; "
               f"{races['reading']['reads']} reads during {races['reading']['switches']} switches: {violations} violations")
    if fuzz := parts.get("fuzz"):
        broken += len(fuzz["violations"])
        yield f"{fuzz['cases']} files and requests that chance had changed: {len(fuzz['violations'])} violations"
    if "skipped" in parts.get("libfuzzer", {}):
        yield f"SKIPPED libFuzzer: {parts['libfuzzer']['skipped']}"
    if readers := parts.get("libfuzzer", {}).get("readers"):
        violations = sum(len(one["violations"]) for one in readers)
        broken += violations
        yield f"{sum(one['runs'] for one in readers)} inputs for {len(readers)} readers of foreign bytes: {violations} violations"
    yield f"seed {document['seed']}, {sum(part['seconds'] for part in document['parts'].values())} s, {broken} violations"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, help=argparse.SUPPRESS)
    for size in SIZES:
        parser.add_argument(f"--{size}", dest="size", action="store_const", const=size, default="quick")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", action="append", choices=SIZES["long"])
    parser.add_argument("--output", help="a file for the result, from which tools/evidence/report makes the page")
    options = parser.parse_args()
    if missing := [part for part in options.only or () if part not in SIZES[options.size]]:
        parser.error(f"{missing[0]} belongs to the larger sizes")
    programs = dict(line.split("=", 1) for line in options.programs.splitlines())
    document = {"size": options.size, "seed": options.seed, "date": datetime.date.today().isoformat(), "machine": machine(),
                "parts": {part: run(part, options.size, options.seed, programs)
                          for part in options.only or SIZES[options.size]}}
    lines = list(count(document))
    if options.output:
        pathlib.Path(options.output).write_text(json.dumps(document, indent=1) + "\n")
    failed = [part for part, result in document["parts"].items() if not result["held"]]
    print("== evidence")
    for line in lines:
        print(line)
    for part in failed:
        result = document["parts"][part]
        again = " ".join(["tools/evidence/" + part, "--seed", options.seed, *SIZES[options.size][part],
                          *(["--keep", "FOLDER"] if part == "explore" else [])])
        print(f"FAILED: {part}; again: {again}", file=sys.stderr)
        for violation in itertools.islice(violations_in(result), 5):
            print(json.dumps(violation, indent=1)[:2000], file=sys.stderr)
        # What a person needs first comes last: a log is often read from its end.
        print("\n".join(result.get("last", ())), file=sys.stderr)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
