#!/usr/bin/env python3
"""Writes requirements.txt: every package with its version and digests, as the trainer's lock.py does.

Run it with Debian's Python (3.11), after changing requirements.in.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "trainer"))

import lock as trainer  # noqa: E402


def main():
    packages = trainer.resolved("-r", str(HERE / "requirements.in"))
    trainer.write(
        HERE / "requirements.txt",
        ["pip install --require-hashes -r requirements.txt; Linux on x86_64 and aarch64, Python 3.11."],
        [(name, version, {digest, trainer.on_arm(name, version)}) for name, version, digest in packages],
    )


if __name__ == "__main__":
    main()
