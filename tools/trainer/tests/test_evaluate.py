import contextlib
import io
import json
import os
import subprocess
import sys

from trainer import evaluate

from .support import HOUSE, TrainerTestCase, episodes


class EvaluateTests(TrainerTestCase):
    def evaluate(self, *arguments):
        """Returns (exit code, what is on stdout, what is on stderr)."""
        output, log = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(log):
            code = evaluate.main([str(word) for word in arguments])
        return code, output.getvalue(), log.getvalue()

    def test_it_measures_what_training_measured(self):
        run = self.trained()
        these = ("--model", run.folder, "--episodes", episodes(120, "flat"))
        # As people run it; its stdout is given to modelctl, so it has one document and nothing else.
        process = subprocess.run(
            [sys.executable, "-m", "trainer.evaluate", *map(str, these), "--heldout"],
            env={**os.environ, "PYTHONPATH": str(HOUSE)},
            capture_output=True,
            text=True,
        )
        self.assertEqual(process.returncode, 0, process.stderr)
        heldout = json.loads(process.stdout)
        self.assertEqual(set(heldout), {"kind", "loss", "episodes", "steps"})
        self.assertEqual(heldout["kind"], "heldout")
        self.assertEqual(heldout["loss"], run.metrics["heldout_loss"])
        self.assertEqual(heldout["episodes"], run.metrics["heldout_episodes"])
        frozen = json.loads(self.evaluate(*these, "--heldout", "--base", "none")[1])
        self.assertEqual(frozen["loss"], run.metrics["base_heldout_loss"])
        everything = json.loads(self.evaluate(*these)[1])
        self.assertEqual((everything["kind"], everything["episodes"]), ("all", 120))
        self.assertGreater(everything["steps"], heldout["steps"])

    def test_what_is_missing_is_said(self):
        data, empty = episodes(40, "flat"), self.scratch / "empty"
        empty.mkdir()
        for model, folder, expected, said in (
            (self.scratch / "nowhere", data, 1, "there is no folder"),
            (data, data, 1, "config.json"),
            (self.trained().folder, empty, 65, "there are none"),
        ):
            code, output, log = self.evaluate("--model", model, "--episodes", folder)
            self.assertEqual((code, output), (expected, ""))
            self.assertIn(said, log)
