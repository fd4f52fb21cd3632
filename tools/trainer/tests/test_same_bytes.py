import json
import signal

from .support import CONFIG, TrainerTestCase, episodes

# About two seconds of training: long enough to be stopped in the middle.
LONG = {**CONFIG, "epochs": 1500}


class SameBytesTests(TrainerTestCase):
    def test_the_same_training_gives_the_same_bytes_and_another_seed_others(self):
        first, second = (self.train(episodes(40, "both"), name=name) for name in ("first", "second"))
        self.assertEqual(first.files, second.files)
        other = self.train(episodes(40, "both"), {**CONFIG, "seed": 1}, "other")
        self.assertNotEqual(
            first.files["lora_adapters.safetensors"], other.files["lora_adapters.safetensors"]
        )

    def test_stopped_and_killed_it_goes_on_to_the_same_bytes(self):
        data = episodes(40, "flat")
        whole = self.train(data, LONG, "whole")
        kept = {"CHECKPOINT_DIR": self.scratch / "kept"}

        process = self.start(data, LONG, "stopped", **kept)
        first_line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        stopped = self.finish(process, first_line)
        self.assertEqual(stopped.code, 143, stopped.log)
        self.assertIn("stopped by SIGTERM", stopped.log)
        self.assertEqual(stopped.files, {})
        self.assertEqual([path.name for path in kept["CHECKPOINT_DIR"].iterdir()], ["trainer.checkpoint"])

        # Killed outright it goes on from the last checkpoint of the many that were asked for.
        process = self.start(data, LONG, "stopped", CHECKPOINT_SECONDS="0", **kept)
        process.stdout.readline()
        process.kill()
        self.assertEqual(self.finish(process).code, -signal.SIGKILL)
        went_on = self.train(data, LONG, "stopped", **kept)
        self.assertIn("goes on after step ", went_on.log)
        self.assertGreater(went_on.lines[0]["step"], stopped.lines[-1]["step"])
        self.assertEqual(went_on.files, whole.files)
        self.assertEqual(went_on.lines[-1], whole.lines[-1])

    def test_a_checkpoint_that_cannot_be_used_is_no_start(self):
        data, kept = episodes(40, "flat"), self.scratch / "kept"
        whole = self.train(data, name="whole", CHECKPOINT_DIR=kept, CHECKPOINT_SECONDS="0")
        checkpoint = kept / "trainer.checkpoint"
        damaged = bytearray(checkpoint.read_bytes())
        damaged[-1] ^= 1
        checkpoint.write_bytes(damaged)
        again = self.train(data, name="again", CHECKPOINT_DIR=kept, CHECKPOINT_SECONDS="0")
        self.assertIn("the checkpoint is damaged; training starts anew", again.log)
        self.assertEqual(again.lines[0]["step"], 1)
        self.assertEqual(again.files, whole.files)
        more = self.train(episodes(41, "flat"), name="more", CHECKPOINT_DIR=kept)
        self.assertIn("the checkpoint is of other settings", more.log)
        self.assertEqual(more.lines[0]["step"], 1)

    def test_nobody_reading_the_progress_stops_it_with_a_checkpoint(self):
        process = self.start(episodes(40, "flat"), LONG, CHECKPOINT_DIR=self.scratch / "kept")
        json.loads(process.stdout.readline())
        process.stdout.close()
        log = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(timeout=120), 1, log)
        self.assertIn("nobody reads the progress", log)
        self.assertNotIn("Traceback", log)
        self.assertTrue((self.scratch / "kept" / "trainer.checkpoint").exists())
        self.assertEqual(list(process.out.iterdir()), [])
