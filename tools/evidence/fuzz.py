"""Gives the real program files and requests that chance has changed: tools/evidence/fuzz --help.

Archives, tensors, plans, bundles, episodes, objects of a remote, and a store's own documents. It must say no, or take what is
good; it must not crash, hang, or leave a store that doesn't verify. Documents alone are tried faster by Tests' MutationTests.
"""
import argparse
import concurrent.futures
import gzip
import hashlib
import io
import json
import random
import shutil
import struct
import subprocess
import sys
import tarfile
import time
import zipfile

import bench
import exchange
import operations

TOKENS = (b"\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff\xff\xff\xff\xff", b"../", b"/", b"null", b"-1", b"1e999", b"[[[[", b"{",
          b'"', b"PK\x03\x04", b"ustar", b"\x80\x80\x80\x80")
# The program's own words for no: see `modelctl help exit-codes`.
REFUSALS = {*range(0, 20), 64}


def mutate(generator, data, others):
    data = bytearray(data)
    for _ in range(generator.randint(1, 4)):
        at = generator.randrange(len(data) + 1)
        end = min(len(data), at + generator.choice((1, 4, 64, 512)))
        kind = generator.randrange(6)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << generator.randrange(8)
        elif kind == 1:
            del data[at:end]
        elif kind == 2:
            data[at:at] = data[at:end]
        elif kind == 3:
            data[at:end] = generator.choice(TOKENS)
        elif kind == 4:
            other = generator.choice(others)
            start = generator.randrange(len(other) + 1)
            data[at:end] = other[start:start + end - at]
        else:
            del data[at:]
    return bytes(data)


def safetensors():
    header = json.dumps({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(16)


def npz():
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.npy", b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text + bytes(16))
    return out.getvalue()


def layout():
    """The files of an archive that can be imported: a bundle for the edge."""
    files = {"weights": ("lora_adapters.npz", npz()), "config": ("config.json", b'{"rank":8}')}
    manifest = {"model_name": "robot_009", "version": "1.0.0", "artifacts": {key: name for key, (name, _) in files.items()},
                "checksums": {f"{key}_sha256": hashlib.sha256(data).hexdigest() for key, (_, data) in files.items()}}
    return [*files.values(), ("edge_manifest.json", json.dumps(manifest).encode())]


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in layout():
            file.writestr(name, data)
    return out.getvalue()


def tarred():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name, data in layout():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return out.getvalue()


SAMPLES = {"m.safetensors": safetensors(), "m.npz": npz(), "m.zip": zipped(), "m.tar": tarred(),
           "m.tar.gz": gzip.compress(tarred(), mtime=0)}
EPISODE = json.dumps({"metadata": {"episode_id": "e"}, "steps": [{"observation": [0.5], "action": [0.25], "reward": 1.0}] * 4}).encode()
# What reads a remote, and then what reads a store.
STORE = (("sync",), ("install", "robot_001_v4"), ("status",), ("boot",), ("rebuild",), ("list",))


class Fuzzer:
    def __init__(self, bench_, seed):
        self.bench, self.seed = bench_, seed

    def prepare(self):
        """One store with a remote, which every try gets a copy of."""
        self.base = self.bench.scratch / "base"
        self.base.mkdir()
        operations.sources(self.base)
        for command in operations.SHARED + operations.commands("bundle create robot_001_v1 --output {base}/good.bundle"):
            done = self.bench.program.run(self.base, command)
            if done.returncode:
                raise SystemExit(f"error: preparing: {' '.join(command)}: {done.stderr}")
        self.require_good()
        self.documents = [path for folder in ("remote", "root/generations", "root/manifests", "root/private")
                          for path in sorted((self.base / folder).rglob("*")) if path.is_file() and path.stat().st_size]

    def require_good(self):
        """What is to be changed is taken as long as it isn't, or changing it would show nothing."""
        folder = self.bench.scratch / "good"
        bench.moved(self.base, folder)
        for name, data in SAMPLES.items():
            (folder / name).write_bytes(data)
        (folder / "recorded").mkdir()
        (folder / "recorded/e.json").write_bytes(EPISODE)
        for command in (*(verb for name in SAMPLES for verb in self.verbs(folder, name)),
                        ["bundle", "install", f"{folder}/good.bundle"], ["episodes", "upload", f"{folder}/recorded"],
                        *(list(words) for words in STORE)):
            done = self.bench.program.run(folder, command)
            if done.returncode:
                raise SystemExit(f"error: of good bytes {' '.join(command)} says: {done.stderr}")
        # One that can't be read is left out, and nothing is wrong with that.
        if not any((folder / "remote/episodes").glob("*.zip")):
            raise SystemExit("error: a good episode isn't sent")
        shutil.rmtree(folder)

    @staticmethod
    def verbs(folder, name):
        """What a file can be given to."""
        return ["import", f"{folder}/{name}", "--as", "robot_009"], ["publish", "robot_009", f"{folder}/{name}"]

    def case(self, number):
        """(what was changed, a command to run on it), in a folder of its own."""
        generator = random.Random(f"{self.seed} {number}")
        folder = self.bench.scratch / f"case-{number}"
        bench.moved(self.base, folder)
        kind = generator.choice(("file", "file", "bundle", "episode", "remote", "store"))
        if kind == "file":
            name = generator.choice(sorted(SAMPLES))
            (folder / name).write_bytes(mutate(generator, SAMPLES[name], list(SAMPLES.values())))
            return folder, name, generator.choice(self.verbs(folder, name))
        if kind == "bundle":
            path = folder / "good.bundle"
            path.write_bytes(mutate(generator, path.read_bytes(), [path.read_bytes()]))
            return folder, "a bundle", ["bundle", "install", f"{path}"]
        if kind == "episode":
            (folder / "recorded").mkdir()
            (folder / "recorded/e.json").write_bytes(mutate(generator, EPISODE, [EPISODE]))
            return folder, "an episode", ["episodes", "upload", f"{folder}/recorded"]
        every = [path for path in self.documents if ("remote" in path.parts) == (kind == "remote")]
        changed = folder / generator.choice(every).relative_to(self.base)
        data = changed.read_bytes()
        # A new file, as blobs share their inodes with the trees.
        changed.unlink()
        changed.write_bytes(mutate(generator, data, [path.read_bytes() for path in every]))
        # Where the remote was changed, what reads it.
        words = generator.choice(STORE[:2] if kind == "remote" else STORE)
        return folder, f"{changed.relative_to(folder)}", list(words)

    def run(self, number):
        folder, changed, words = self.case(number)
        try:
            done = self.bench.program.run(folder, words)
            problems = []
            if done.returncode not in REFUSALS:
                problems.append(f"exits with {done.returncode}: {done.stderr.strip()[-500:]}")
            elif done.returncode and not done.stderr.startswith(("error: ", "warning: ")) and not done.stdout:
                problems.append(f"exits with {done.returncode} and says nothing")
            # Whatever it took is whole; what was spoilt below the root on purpose is another matter.
            if not changed.startswith("root/"):
                with self.bench.judge() as judge:
                    problems += judge.ask(root=f"{folder}/root", recovered=True, verifies=True)
        except subprocess.TimeoutExpired:
            problems = ["hangs"]
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return problems and {"case": number, "changed": changed, "command": words[0], "problems": problems[:3]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    bench.add_arguments(parser)
    parser.add_argument("--cases", type=int, default=600)
    parser.add_argument("--requests", type=int, default=600)
    parser.add_argument("--case", type=int, help="only this one, again")
    options = parser.parse_args()
    there = bench.Bench(options.modelctl, options.judge, options.scratch, options.workers)
    began = time.monotonic()
    try:
        fuzzer = Fuzzer(there, options.seed)
        fuzzer.prepare()
        cases = [options.case] if options.case is not None else range(options.cases)
        with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
            violations = [found for found in pool.map(fuzzer.run, cases) if found]
        if options.case is None:
            base = there.scratch / "served"
            bench.moved(fuzzer.base, base)
            violations += exchange.fuzz(there, base, options.seed, options.requests, mutate)
    finally:
        there.close()
    requests = options.requests if options.case is None else 0
    print(f"  fuzz: {len(cases)} files, {requests} requests, {len(violations)} violations, {time.monotonic() - began:.0f} s", file=sys.stderr)
    json.dump({"seed": options.seed, "cases": len(cases) + requests, "violations": violations}, sys.stdout, indent=1)
    sys.exit(bool(violations))


if __name__ == "__main__":
    main()
