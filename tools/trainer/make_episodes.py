#!/usr/bin/env python3
"""Makes episodes of the example task: make_episodes.py OUT --count N --seed S --layout flat|folder|both.

The same arguments give the same bytes, and episode number 7 is the same whatever the count. `both` writes
every second episode as a folder. OUT is made where it isn't there, and must be empty.
"""

import argparse
import io
import json
import pathlib
import sys

import numpy as np

from example_task import arm, documents

STEPS_PER_FILE = 16
STEPS_PER_PICTURE = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path, metavar="OUT", help="the folder to fill")
    parser.add_argument("--count", type=int, default=200, help="how many episodes (200)")
    parser.add_argument("--seed", type=int, default=0, help="of all that is random, 0 or more (0)")
    parser.add_argument("--layout", choices=("flat", "folder", "both"), default="flat")
    parser.add_argument("--first", type=int, default=0, help="the number of the first episode (0)")
    parser.add_argument("--robot", default="robot_001", help="the robot's name (robot_001)")
    options = parser.parse_args()
    if options.seed < 0 or options.first < 0 or not 0 <= options.count <= 1_000_000:
        parser.error("--seed and --first must not be negative, and --count at most 1000000")
    options.out.mkdir(parents=True, exist_ok=True)
    if any(options.out.iterdir()):
        parser.error(f"{options.out} is not empty")
    for number in range(options.first, options.first + options.count):
        random = np.random.default_rng([options.seed, number])
        recording = arm.record(random, steps=int(random.integers(18, 33)))
        id = f"ep_{options.seed:02d}_{number:05d}"
        metadata = documents.metadata(id, number, recording, options.robot)
        if options.layout == "folder" or (options.layout == "both" and number % 2):
            write_folder(options.out / id, metadata, recording)
        else:
            write_flat(options.out / f"{id}.json", metadata, recording)
    print(f"{options.count} episodes in {options.out}", file=sys.stderr)


def write_flat(path, metadata, recording):
    document = {"metadata": metadata, "steps": list(documents.steps(recording))}
    path.write_text(json.dumps(document) + "\n")


def write_folder(folder, metadata, recording):
    """`metadata.json`, `steps/NNNN.jsonl`, a picture of some steps and a blob: the arm's path in float32."""
    (folder / "steps").mkdir(parents=True)
    (folder / "blobs").mkdir()
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n")
    lines = [json.dumps(step) + "\n" for step in documents.steps(recording)]
    for start in range(0, len(lines), STEPS_PER_FILE):
        name = f"{start // STEPS_PER_FILE:04d}.jsonl"
        (folder / "steps" / name).write_text("".join(lines[start : start + STEPS_PER_FILE]))
    for step in range(0, len(lines), STEPS_PER_PICTURE):
        buffer = io.BytesIO()
        np.save(buffer, arm.picture(recording, step))
        (folder / f"step_{step:04d}_rgb.npy").write_bytes(buffer.getvalue())
    (folder / "blobs" / "path.f32").write_bytes(recording.position.astype("<f4").tobytes())


if __name__ == "__main__":
    main()
