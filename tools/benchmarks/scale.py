"""The index at 10,000 and at 1,000,000 versions of 1,000 adapters: medians inside the library, by the program `scale`."""
import json
import sys

SMALL, LARGE = 10_000, 1_000_000

# What the program measures, in words, with its limit in seconds.
QUESTIONS = [
    ("list", "list, one page", 0.020),
    ("show", "show", 0.020),
    ("active", "active", 0.020),
    ("lineage", "lineage, 100 deep", 0.020),
    ("impact", "impact of an archive, one page", 0.020),
    ("impact_episode", "impact of an episode, one page", 0.020),
    ("status", "status", None),
]


def measure(benchmark, program):
    from measure import run

    results = {}
    for versions in (SMALL, LARGE):
        folder = benchmark.folder / f"scale-{versions}"
        folder.mkdir()
        results[versions] = json.loads(run([program, "--versions", versions, "--folder", folder]).output)
    for key, words, limit in QUESTIONS:
        benchmark.row(f"{words}, 10⁴ versions", results[SMALL][key], limit, "s")
        benchmark.row(f"{words}, 10⁶ versions", results[LARGE][key], limit, "s")
    for versions, words in ((SMALL, "10⁴"), (LARGE, "10⁶")):
        rate = results[versions]["publish_per_second"]
        print(f"  ({rate:.0f} versions a second, one by one)", file=sys.stderr)
        benchmark.row(f"a small version published, beside {words} (≥ 250/s)", 1 / rate, 1 / 250, "s")
