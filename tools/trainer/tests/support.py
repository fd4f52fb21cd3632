"""What the tests share: episodes, made once, and the trainer as the child process that it is in earnest."""

import contextlib
import functools
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from trainer import contract, job
from trainer.stopping import Stopping

HOUSE = pathlib.Path(__file__).resolve().parents[1]  # tools/trainer
FILES = ("config.json", "lora_adapters.safetensors", "metrics.json")
# Enough to learn the example task; about a second.
CONFIG = {"model_type": "wavecore", "epochs": 20, "batch_size": 32, "learning_rate": 0.01, "seed": 0}

_made = {}
_scratch = tempfile.TemporaryDirectory(prefix="trainer-tests-")


@functools.cache
def episodes(count, layout, seed=1):
    """A folder of episodes, which no test changes; made once."""
    out = pathlib.Path(_scratch.name) / f"episodes-{count}-{layout}-{seed}"
    command = [
        sys.executable,
        HOUSE / "make_episodes.py",
        out,
        "--count",
        count,
        "--seed",
        seed,
        "--layout",
        layout,
    ]
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    return out


class Run:
    """A finished training: its exit code, lines of progress, log, and the files it left."""

    def __init__(self, code, output, log, folder):
        self.code, self.log, self.folder = code, log, folder
        self.lines = [json.loads(line, parse_constant=_refuse) for line in output.splitlines()]

    @property
    def files(self):
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}

    @property
    def metrics(self):
        return json.loads((self.folder / "metrics.json").read_bytes())

    @property
    def config(self):
        return json.loads((self.folder / "config.json").read_bytes())


def _refuse(word):
    raise AssertionError(f"{word} is no JSON")


class TrainerTestCase(unittest.TestCase):
    """A test with a scratch folder of its own."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="trainer-test-")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def start(self, episodes, config=CONFIG, name="out", **variables):
        """Starts a training; values of None leave a variable out."""
        out = self.scratch / name
        out.mkdir(exist_ok=True)
        config_file = self.scratch / f"{name}.json"
        config_file.write_text(config if isinstance(config, str) else json.dumps(config))
        contract = {"EPISODES_DIR": episodes, "OUTPUT_DIR": out, "CONFIG": config_file, **variables}
        unset = ("BASE_DIR", "CHECKPOINT_DIR", "CHECKPOINT_SECONDS")
        environment = {key: value for key, value in os.environ.items() if key not in unset}
        environment |= {key: str(value) for key, value in contract.items() if value is not None}
        environment["PYTHONPATH"] = str(HOUSE)
        process = subprocess.Popen(
            [sys.executable, "-m", "trainer"],
            env=environment,
            cwd=self.scratch,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        process.out = out
        return process

    def trained(self):
        """A version that was trained on 120 episodes, flat; made once, and changed by no test."""
        if "version" not in _made:
            own, self.scratch = self.scratch, pathlib.Path(_scratch.name)
            _made["version"] = self.train(episodes(120, "flat"), name="version")
            self.scratch = own
        return _made["version"]

    def finish(self, process, already_read=""):
        """Waits for a training that was started."""
        output, log = process.communicate(timeout=120)
        return Run(process.returncode, already_read + output, log, process.out)

    def train(self, episodes, config=CONFIG, name="out", expect=0, **variables):
        run = self.finish(self.start(episodes, config, name, **variables))
        self.assertEqual(run.code, expect, run.log)
        return run

    def refused(self, episodes, config=CONFIG, name="out", expect=contract.FAILED, **variables):
        """Returns the sentence that a training is refused with; in this process, a child takes a second."""
        out = self.scratch / name
        out.mkdir(exist_ok=True)
        (self.scratch / f"{name}.json").write_text(json.dumps(config))
        named = {
            "EPISODES_DIR": episodes,
            "OUTPUT_DIR": out,
            "CONFIG": self.scratch / f"{name}.json",
            **variables,
        }
        log = []
        with self.assertRaises(contract.Failure) as caught, contextlib.redirect_stdout(io.StringIO()):
            environment = contract.Environment.read({key: str(value) for key, value in named.items()})
            job.run(environment, Stopping(), log.append)
        self.assertEqual(caught.exception.exit_code, expect)
        self.assertEqual(list(out.iterdir()), [])
        return str(caught.exception)

    def write_steps(self, folder, id, steps, **more):
        """Writes one flat episode."""
        folder.mkdir(exist_ok=True)
        (folder / f"{id}.json").write_text(json.dumps({"metadata": {}, "steps": steps, **more}))
