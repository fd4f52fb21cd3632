#!/usr/bin/env python3
"""Runs schemathesis with all its checks against `modelctl serve` over a store with a bit of everything.

Exits 0 where it found nothing. Afterwards the service must still answer, and its store must be sound.
"""

import os
import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from tests.served import Served, Store  # noqa: E402

# It takes a minute or two; whatever takes so long stands still.
RUN_SECONDS = int(os.environ.get("RUN_SECONDS", "1800"))


def filled(store):
    """Versions with lineage, evaluations, channels, pins, a history, a remote and tokens."""
    store.publish("robot_001", b"one", "--metric", "final_loss=0.5", "--note", "first")
    store.publish("robot_001", b"two", "--base", "robot_001_v1", "--job", "job_9f2c51d07ab3", "--framework", "jax")
    store.publish("robot_001", b"three", "--base", "robot_001_v2", "--channel", "beta")
    store.publish("robot_002", b"other")
    store.ctl("channel", "set", "stable", "robot_001_v1", "--reason", "passed the rig")
    store.ctl("evaluate", "robot_001_v2", "--result", store.write("result.json", '{"grasped":47}'), "--by", "rig 2")
    store.ctl("pin", "robot_001_v1")
    store.ctl("activate", "robot_001_v1")
    store.ctl("activate", "robot_001_v2", "robot_002_v1", "--reason", "night run")
    (store.folder / "remote").mkdir()
    store.ctl("remote", "set", f"file://{store.folder / 'remote'}")
    for number in (1, 2):
        store.write(
            f"recordings/ep_{number:04}.json",
            '{"metadata":{"robot":"robot_001","name":"ep_%04d"},"steps":[{"observation":{"x":1},"action":[0.5]}]}' % number)
    store.ctl("episodes", "upload", store.folder / "recordings")
    archive = store.json("episodes", "list", store.folder / "recordings")["archives"][0]["digest"]
    store.publish("robot_001", b"four", "--archive", archive)
    return archive


def run(command, cwd, env):
    """A command's exit code; None where it had to be killed, and with it whatever it had begun."""
    process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(RUN_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)


def main():
    schemathesis = pathlib.Path(sys.executable).parent / "schemathesis"
    store = Store()
    served = None
    try:
        filled(store)
        admin = store.token("schemathesis-holds-the-service-against-its-description", "admin")
        store.token("visitor", "read")
        served = Served(store, {"training": {"recordings": str(store.folder / "recordings"), "adapter": "robot_001"}})
        began = time.monotonic()
        code = run(
            [schemathesis, "--config-file", HERE / "schemathesis.toml", "run", f"http://{served.address}/openapi.yaml",
             "--url", f"http://{served.address}", "--header", f"Authorization: Bearer {admin}", "--checks", "all",
             "--max-examples", os.environ.get("EXAMPLES", "15"), *sys.argv[1:]],
            cwd=store.folder, env=os.environ | {"SCHEMATHESIS_HOOKS": str(HERE / "hooks.py")})
        print(f"schemathesis took {time.monotonic() - began:.0f} s")
        problems = {0: [], None: [f"schemathesis didn't end in {RUN_SECONDS} s"]}.get(code, ["schemathesis found something"])
        headers = {"Authorization": f"Bearer {admin}"}
        status, _, document = served.ask("GET", "/api/status", headers=headers)
        if status != 200:
            problems.append(f"the service no longer lets its administrator in: {status}: {document}")
        if served.stop() != 0:
            problems.append("the service ended badly")
        for words in (("doctor",), ("verify",), ("audit", "verify")):
            store.ctl(*words)
        if "request failed" in served.said:
            problems.append("requests failed: " + "\n".join(line for line in served.said.splitlines() if "request failed" in line))
        for problem in problems:
            print(f"error: {problem}", file=sys.stderr)
        return 1 if problems else 0
    finally:
        if served is not None:
            served.kill()
        store.remove()


if __name__ == "__main__":
    sys.exit(main())
