import hashlib
import json
import subprocess
import sys

import numpy as np

from .support import HOUSE, TrainerTestCase, episodes


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class MakeEpisodesTests(TrainerTestCase):
    def make(self, name, *arguments):
        out = self.scratch / name
        command = [sys.executable, HOUSE / "make_episodes.py", out, *arguments]
        process = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        return out, process

    def test_the_same_arguments_give_the_same_bytes_and_more_episodes_are_more(self):
        few, more = (self.make(n, "--count", n, "--seed", 1, "--layout", "both")[0] for n in ("6", "9"))
        self.assertLess(digests(few).items(), digests(more).items())
        other, _ = self.make("other", "--count", 6, "--seed", 2, "--layout", "both")
        self.assertFalse(set(digests(few).values()) & set(digests(other).values()))

    def test_a_folder_has_what_robots_leave(self):
        folder = sorted(episodes(40, "folder").iterdir())[0]
        metadata = json.loads((folder / "metadata.json").read_text())
        self.assertEqual(metadata["episode_id"], folder.name)
        picture = np.load(folder / "step_0000_rgb.npy")
        self.assertEqual((picture.shape, picture.dtype), ((16, 16, 3), np.uint8))
        self.assertEqual((folder / "blobs" / "path.f32").stat().st_size, metadata["steps"] * 3 * 4)
        lines = [
            line for path in sorted((folder / "steps").iterdir()) for line in path.read_text().splitlines()
        ]
        self.assertEqual(len(lines), metadata["steps"])
        self.assertTrue(json.loads(lines[0])["is_first"])
        self.assertTrue(json.loads(lines[-1])["is_last"])

    def test_a_folder_that_is_not_empty_is_left_alone(self):
        (self.scratch / "full").mkdir()
        (self.scratch / "full" / "mine").write_text("")
        _, process = self.make("full", "--count", 1)
        self.assertEqual(process.returncode, 2)
        self.assertIn("not empty", process.stderr)
