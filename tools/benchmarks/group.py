"""Many small versions: one grouped import, and a rebuild of the index that they are in."""
import hashlib
import json
import os
import sys

VERSIONS, REBUILT = 20_000, 10_000


def plan_root(folder, versions):
    """A folder with versions of 40 adapters, in the layout of the registry plan."""
    for number in range(versions):
        adapter, version = f"small_{number % 40:02d}", f"v{1 + number // 40}"
        path = folder / "adapters" / f"{adapter}_{version}"
        path.mkdir(parents=True)
        weights = os.urandom(1024)
        (path / "lora_adapters.npz").write_bytes(weights)
        checksum = "sha256:" + hashlib.sha256(weights).hexdigest()
        (path / "manifest.json").write_text(json.dumps({
            "model_id": f"adapters/{adapter}", "version": version, "model_type": "adapter",
            "created_at": "2026-01-05T10:15:00Z", "framework": "jax", "checksum": checksum,
            "files": [{"name": "lora_adapters.npz", "size": len(weights), "checksum": checksum}],
        }))


def measure(benchmark):
    for versions in (VERSIONS, REBUILT):
        folder = benchmark.folder / f"plan-{versions}"
        plan_root(folder, versions)
        root = benchmark.fresh_store(f"group-{versions}")
        os.sync()
        start = benchmark.ctl(root, "version").seconds
        done = benchmark.ctl(root, "import", folder, "--json")
        if len(done.document()["versions"]) != versions:
            sys.exit("error: the grouped import did not make every version")
        if versions == VERSIONS:
            each = (done.seconds - start) / versions
            print(f"  ({1 / each:.0f} versions a second in one import)", file=sys.stderr)
            benchmark.row("a small version in one grouped import of 20,000 (≥ 5,000/s)", each, 1 / 5000, "s")
        else:
            for name in ("registry.db", "registry.db-wal", "registry.db-shm"):
                (root / name).unlink(missing_ok=True)
            os.sync()
            rebuilt = benchmark.ctl(root, "rebuild", "--json")
            if rebuilt.document()["versions"] != versions or rebuilt.document()["problems"]:
                sys.exit(f"error: the rebuild brought back something else: {rebuilt.document()}")
            benchmark.row("rebuild of 10,000 versions", rebuilt.seconds, 30, "s")
