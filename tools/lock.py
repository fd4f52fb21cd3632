#!/usr/bin/env python3
"""Writes requirements.txt of a folder, every package with its version and digests: tools/lock.py service|browser|trainer.

Run it with Debian's Python (3.11), after changing requirements.in. pip itself resolves and says what it would install, for
64-bit Intel and ARM; nothing is installed. The trainer's GPU has a list of its own, requirements-cuda12.txt.
"""

import json
import pathlib
import re
import subprocess
import sys

TOOLS = pathlib.Path(__file__).resolve().parent
ARM = [f"manylinux_2_{minor}_aarch64" for minor in (28, 27, 17)] + ["manylinux2014_aarch64"]


def resolved(*arguments):
    """What pip would install: [(name, version, SHA-256 of the wheel)]."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--quiet",
        "--ignore-installed",
        "--report",
        "-",
    ]
    report = json.loads(subprocess.run([*command, *arguments], check=True, capture_output=True).stdout)
    return [
        (
            re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower(),
            item["metadata"]["version"],
            item["download_info"]["archive_info"]["hashes"]["sha256"],
        )
        for item in report["install"]
    ]


def on_arm(name, version):
    platforms = [word for platform in ARM for word in ("--platform", platform)]
    target = ["--only-binary=:all:", "--target", "unused", "--no-deps", "--python-version", "3.11"]
    return resolved(*platforms, *target, f"{name}=={version}")[0][2]


def write(path, heading, packages):
    lines = [f"# {line}" for line in ("Made by lock.py; don't edit.", *heading)]
    for name, version, digests in sorted(packages):
        hashes = "".join(f" \\\n    --hash=sha256:{digest}" for digest in sorted(digests))
        lines.append(f"{name}=={version}{hashes}")
    path.write_text("\n".join(lines) + "\n")


def main():
    if len(sys.argv) != 2 or not (TOOLS / sys.argv[1] / "requirements.in").is_file():
        sys.exit("usage: tools/lock.py service|browser|trainer")
    folder = TOOLS / sys.argv[1]
    plain = resolved("-r", str(folder / "requirements.in"))
    write(
        folder / "requirements.txt",
        ["pip install --require-hashes -r requirements.txt; Linux on x86_64 and aarch64, Python 3.11."],
        [(name, version, {digest, on_arm(name, version)}) for name, version, digest in plain],
    )
    if sys.argv[1] == "trainer":
        write_cuda(folder, {name for name, _, _ in plain})


def write_cuda(folder, names):
    wanted = (folder / "requirements.in").read_text()
    jax = re.search(r"^jax==(\S+)$", wanted, re.M)[1]
    cuda = resolved(f"jax[cuda12]=={jax}", "-c", str(folder / "requirements.in"))
    write(
        folder / "requirements-cuda12.txt",
        [
            "What an NVIDIA GPU needs besides, gigabytes; Linux, x86_64, driver 525 or later.",
            "pip install --require-hashes -r requirements.txt -r requirements-cuda12.txt",
        ],
        [(name, version, {digest}) for name, version, digest in cuda if name not in names],
    )


if __name__ == "__main__":
    main()
