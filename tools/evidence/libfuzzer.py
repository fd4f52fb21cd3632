"""Tries what reads foreign bytes with inputs that reach more and more of it (libFuzzer, with AddressSanitizer), and keeps
what reached something new in Tests/Mutations/Corpus: tools/evidence/libfuzzer --help.
"""
import argparse
import base64
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
CORPUS = ROOT / "Tests/Mutations/Corpus"
READERS = ROOT / "Tests/Mutations/ForeignReader.swift"
FEATURES = ("ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility")
# A reader's whole corpus, so that it stays something to keep in a repository.
MAXIMUM_BYTES = 24 << 10


def why_not():
    if not (shutil.which("swiftc") and shutil.which("clang")):
        return "there are no swiftc and clang"
    with tempfile.TemporaryDirectory() as folder:
        empty = pathlib.Path(folder, "empty.swift")
        empty.write_text('@_cdecl("LLVMFuzzerTestOneInput") public func one(_: UnsafePointer<UInt8>, _: Int) -> CInt { 0 }\n')
        done = subprocess.run(["swiftc", "-sanitize=fuzzer", "-parse-as-library", empty, "-o", f"{folder}/empty"],
                              capture_output=True, text=True)
    if done.returncode and "fuzzer" not in done.stderr:
        raise SystemExit(f"error: what -sanitize=fuzzer needs can't be built: {done.stderr}")
    return "this toolchain has no -sanitize=fuzzer" if done.returncode else ""


def build(folder):
    """RegistryModel, its readers and the target as one program: coverage of everything, and no package to resolve."""
    checksum, include = ROOT / "Sources/CChecksum", ROOT / "Sources/CChecksum/include"
    module = folder / "module.modulemap"
    module.write_text(f'module CChecksum {{ header "{include}/CChecksum.h" export * }}\n')
    subprocess.run(["clang", "-c", "-O1", "-fsanitize=address,fuzzer-no-link", f"-I{include}", *checksum.glob("*.c"),
                    "-o", folder / "checksum.o"], check=True)
    sources = [*sorted((ROOT / "Sources/RegistryModel").rglob("*.swift")), READERS, pathlib.Path(__file__).with_suffix(".swift")]
    features = [word for feature in FEATURES for word in ("-enable-upcoming-feature", feature)]
    program = folder / "fuzzer"
    subprocess.run(["swiftc", "-O", "-g", "-swift-version", "6", "-sanitize=fuzzer,address", "-parse-as-library", "-suppress-warnings",
                    "-module-name", "RegistryModel", "-package-name", "main", *features, "-Xcc", f"-fmodule-map-file={module}",
                    *sources, folder / "checksum.o", "-o", program], check=True, stdout=sys.stderr)
    return program


def names():
    """The readers, and the schema whose examples each may begin with, as their own source has them."""
    text = READERS.read_text()
    readers = [name.strip() for line in re.findall(r"^  case ([a-z, ]+)$", text, re.M) for name in line.split(",")]
    kept = {path.stem for path in CORPUS.glob("*.txt")}
    if set(readers) != kept:
        raise SystemExit(f"error: {READERS.name} and {CORPUS} differ in {sorted(kept ^ set(readers))}")
    return readers, dict(re.findall(r'^    case \.(\w+): "([^"]+)"$', text, re.M))


class Corpus:
    """What is kept of one reader: a line of base64 for each input."""

    def __init__(self, reader):
        self.file = CORPUS / f"{reader}.txt"

    def lines(self):
        return self.file.read_text().split() if self.file.exists() else []

    def unpack(self, folder, schema):
        folder.mkdir()
        for number, line in enumerate(self.lines()):
            (folder / f"kept-{number}").write_bytes(base64.b64decode(line))
        for path in (ROOT / f"schemas/examples/{schema}").rglob("*.json") if schema else ():
            (folder / f"example-{path.parent.name}-{path.stem}").write_bytes(path.read_bytes())

    def keep(self, inputs):
        """The small ones first, as many as there is room for; what is there already stays."""
        lines = self.lines()
        room = MAXIMUM_BYTES - sum(map(len, lines))
        for data in sorted(inputs, key=lambda data: (len(data), data)):
            line = base64.b64encode(data).decode()
            if data and line not in lines and len(line) < room:
                lines.append(line)
                room -= len(line)
        self.file.write_text("".join(f"{line}\n" for line in lines))


def fuzz(program, folder, reader, schema, options):
    corpus, kept = Corpus(reader), folder / reader
    seeds, found, failures = kept / "seeds", kept / "found", kept / "failures"
    kept.mkdir()
    corpus.unpack(seeds, schema)
    for path in (found, failures):
        path.mkdir()
    environment = os.environ | {"READER": reader, "ASAN_OPTIONS": "detect_leaks=0"}
    common = [program, "-max_len=4096", "-timeout=10", "-rss_limit_mb=4096", f"-artifact_prefix={failures}/"]
    done = subprocess.run([*common, f"-seed={options.seed}", f"-max_total_time={options.seconds}", "-print_final_stats=1", found, seeds],
                          env=environment, capture_output=True, text=True, errors="replace")
    runs = re.search(r"stat::number_of_executed_units: *(\d+)", done.stderr)
    reached = re.findall(r"cov: (\d+)", done.stderr)
    violations = [{"reader": reader, "input": base64.b64encode(path.read_bytes()).decode(), "said": last_words(done.stderr)}
                  for path in sorted(failures.iterdir())]
    if not violations and (done.returncode or not runs or not int(runs[1])):
        raise SystemExit(f"error: {reader}: {done.stderr[-1000:]}")
    if options.keep:
        merged = kept / "merged"
        merged.mkdir()
        subprocess.run([*common, "-merge=1", merged, seeds, found], env=environment, capture_output=True, check=not violations)
        corpus.keep([path.read_bytes() for folder in (failures, merged) for path in folder.iterdir()])
    row = {"reader": reader, "runs": int(runs[1]) if runs else 0, "blocks": int(reached[-1]) if reached else 0,
           "violations": violations}
    print(f"  {reader}: {row['runs']} inputs, {row['blocks']} blocks reached, {len(violations)} violations", file=sys.stderr)
    return row


def last_words(text):
    return [line for line in text.splitlines() if "Fatal error" in line or "ERROR:" in line or "in $s" in line][:8]


def main():
    readers, schemas = names()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--only", action="append", choices=readers)
    parser.add_argument("--keep", action="store_true", help="add what reached something new to the kept corpus")
    options = parser.parse_args()
    if why := why_not():
        print(f"SKIPPED libFuzzer: {why}", file=sys.stderr)
        json.dump({"skipped": why}, sys.stdout)
        return
    with tempfile.TemporaryDirectory(prefix="evidence-") as path:
        folder = pathlib.Path(path)
        program = build(folder)
        with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
            rows = list(pool.map(lambda reader: fuzz(program, folder, reader, schemas.get(reader), options), options.only or readers))
    json.dump({"seed": options.seed, "readers": rows}, sys.stdout, indent=1)
    sys.exit(any(row["violations"] for row in rows))


if __name__ == "__main__":
    main()
