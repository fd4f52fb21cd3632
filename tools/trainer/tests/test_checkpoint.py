import hashlib
import os

import numpy as np

from trainer.checkpoint import Checkpoint, Checkpoints

from .support import TrainerTestCase


class CheckpointTests(TrainerTestCase):
    def setUp(self):
        super().setUp()
        self.log = []
        self.kept = Checkpoints(self.scratch / "kept", "mine", self.log.append)
        self.path = self.scratch / "kept" / "trainer.checkpoint"
        arrays = {"a": np.arange(3, dtype=np.float32), "count": np.array(7, np.int32)}
        self.checkpoint = Checkpoint(5, 0.25, arrays)

    def test_what_was_written_is_read(self):
        self.assertIsNone(self.kept.read())
        self.kept.write(self.checkpoint)
        found = self.kept.read()
        self.assertEqual((found.step, found.loss), (5, 0.25))
        np.testing.assert_array_equal(found.arrays["a"], self.checkpoint.arrays["a"])
        self.assertEqual((found.arrays["count"].dtype, found.arrays["count"].shape), (np.int32, ()))
        self.assertEqual(self.log, [])
        self.assertEqual(os.listdir(self.scratch / "kept"), ["trainer.checkpoint"])

    def test_every_byte_is_looked_at(self):
        self.kept.write(self.checkpoint)
        good = self.path.read_bytes()
        for content in [good[:length] for length in (0, 10, 65, len(good) - 1)] + [good + b"x"]:
            self.path.write_bytes(content)
            self.assertIsNone(self.kept.read())
        for position in range(len(good)):
            flipped = bytearray(good)
            flipped[position] ^= 16
            self.path.write_bytes(flipped)
            self.assertIsNone(self.kept.read(), position)
        self.assertEqual(set(self.log), {"the checkpoint is damaged; training starts anew"})

    def test_another_format_and_another_training_are_told_apart(self):
        body = b"{}"
        self.path.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        self.assertIsNone(self.kept.read())
        Checkpoints(self.scratch / "kept", "theirs", self.log.append).write(self.checkpoint)
        self.assertIsNone(self.kept.read())
        self.assertIn("another format", self.log[0])
        self.assertIn("other settings", self.log[1])

    def test_half_a_file_of_an_attempt_that_was_killed_does_no_harm(self):
        self.kept.write(self.checkpoint)
        (self.scratch / "kept" / "trainer.checkpoint.partial").write_bytes(b"half")
        self.assertEqual(self.kept.read().step, 5)
        self.kept.write(Checkpoint(6, 0.2, self.checkpoint.arrays))
        self.assertEqual(self.kept.read().step, 6)
        self.assertEqual(os.listdir(self.scratch / "kept"), ["trainer.checkpoint"])
