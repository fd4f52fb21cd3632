import json
import os
import unittest
from unittest import mock

import numpy as np

from trainer import episode_folder, strict_json
from trainer.contract import Failure

from .support import TrainerTestCase

STEP = '{"observation": [1, 2], "action": 0.5}'


class EpisodeFolderTests(TrainerTestCase):
    def read(self):
        episodes, left_out = episode_folder.read_all(self.scratch)
        return {episode.id: episode for episode in episodes}, dict(left_out)

    def refusal(self, text):
        """The reason for which a flat file with this text is left out."""
        path = self.scratch / "e.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        episodes, left_out = self.read()
        self.assertEqual(episodes, {}, text[:100])
        return left_out["e"]

    def steps(self, *steps):
        return '{"steps": [' + ", ".join(steps) + "]}"

    def test_objects_become_numbers_in_sorted_order_with_their_names(self):
        observation = {"b": [1, [2, 3]], "a": {"z": 4, "y": True}, "text": "left out", "gone": None}
        self.write_steps(self.scratch, "e", [{"observation": observation, "action": {"v": 2, "u": [1]}}])
        episode = self.read()[0]["e"]
        self.assertEqual(episode.observation_names, ("a.y", "a.z", "b[0]", "b[1][0]", "b[1][1]"))
        np.testing.assert_array_equal(episode.observations, [[1, 4, 1, 2, 3]])
        self.assertEqual(episode.action_names, ("u[0]", "v"))
        np.testing.assert_array_equal(episode.actions, [[1, 2]])

    def test_of_a_last_step_only_the_observation_counts(self):
        steps = [{"observation": 1, "action": 5}, {"observation": 2, "action": 6}]
        self.write_steps(self.scratch, "ended", [*steps, {"observation": 3, "action": 0, "is_last": True}])
        self.write_steps(self.scratch, "without", [*steps, {"observation": 3, "is_last": True}])
        self.write_steps(self.scratch, "cut_off", [*steps, {"observation": 3, "action": 7}])
        episodes, _ = self.read()
        self.assertEqual(episodes["ended"].actions.tolist(), [[5], [6]])
        self.assertEqual(episodes["without"].actions.tolist(), [[5], [6]])
        self.assertEqual(episodes["cut_off"].actions.tolist(), [[5], [6], [7]])

    def test_files_of_steps_are_read_in_bytewise_order(self):
        folder = self.scratch / "e"
        (folder / "steps").mkdir(parents=True)
        (folder / "episode.json").write_text("{}")
        (folder / "step_0000_rgb.npy").write_bytes(b"not looked at")
        for name, number in (("10.jsonl", 1), ("2.jsonl", 2), ("a.jsonl", 4), ("B.jsonl", 3)):
            step = json.dumps({"observation": number, "action": number})
            (folder / "steps" / name).write_text(f"{step}\n\n")
        (folder / "steps" / "notes.txt").write_text("not looked at")
        self.assertEqual(self.read()[0]["e"].observations.ravel().tolist(), [1, 2, 3, 4])

    def test_what_is_no_episode_is_left_out_with_its_reason(self):
        for text, said in (
            (b"\xff{}", "not UTF-8"),
            ("", "not JSON"),
            ("[]", "no object"),
            ('{"metadata": 3, "steps": []}', "metadata is no object"),
            ("{}", "no list of steps"),
            ('{"steps": {"0": 1}}', "no list of steps"),
            (self.steps(), "has no steps"),
            (self.steps('{"observation": 1, "is_last": true}'), "step 0: it has no action"),
            (self.steps("3"), "step 0: it is no object"),
            (self.steps(STEP, '{"observation": [1, 2]}'), "step 1: it has no action"),
            (self.steps(STEP, '{"observation": [1], "action": 1}'), "step 1: its numbers have other names"),
            (self.steps('{"observation": "words", "action": 1}'), "the observation has no numbers"),
            (self.steps('{"observation": 1, "action": "left"}'), "action: the value is a string"),
            (self.steps('{"observation": 1, "action": {"a": null}}'), "action: a is null"),
            (self.steps('{"observation": 1e31, "action": 1}'), "beyond 1e+30"),
            (self.steps('{"observation": 1e999, "action": 1}'), "out of range"),
            (self.steps('{"observation": NaN, "action": 1}'), "NaN is no JSON"),
            (self.steps('{"observation": -Infinity, "action": 1}'), "-Infinity is no JSON"),
            (self.steps('{"observation": ' + "9" * 5000 + ', "action": 1}'), "not JSON"),
            (self.steps('{"observation": 1, "action": 1, "action": 2}'), "same key twice"),
            (self.steps('{"observation": {"a.b": 1, "a": {"b": 2}}, "action": 1}'), "the same name"),
            (self.steps('{"observation": ' + "[" * 20 + "1" + "]" * 20 + ', "action": 1}'), "nested deeper"),
            ("[" * 200_000, "nested too deeply"),
            (self.steps('{"observation": [' + "0," * 5000 + '0], "action": 1}'), "more than 4096 numbers"),
            (self.steps('{"observation": 1, "action": 1, "is_last": 1}'), "neither true nor false"),
            (
                self.steps('{"observation": 1, "action": 1, "is_last": true}', STEP),
                "comes after the last one",
            ),
            (
                self.steps(STEP, '{"observation": [1, 2], "action": 1, "is_first": true}'),
                "says that it is the first",
            ),
        ):
            with self.subTest(said):
                self.assertIn(said, self.refusal(text))

    def test_limits_of_size_hold_before_anything_is_parsed(self):
        with mock.patch.object(strict_json, "MAXIMUM_VALUES", 1000):
            self.assertIn("more than 1000 values", self.refusal('{"steps": [' + "[]," * 1000 + "[]]}"))
        # A sparse file of more than 64 MiB, which takes no room on the disk.
        with open(self.scratch / "e.json", "wb") as file:
            file.truncate(strict_json.MAXIMUM_FILE_BYTES + 1)
        self.assertIn("larger than 67108864 bytes", self.read()[1]["e"])
        with mock.patch.object(episode_folder, "MAXIMUM_NUMBERS", 10), self.assertRaises(Failure):
            self.write_steps(self.scratch, "big", [{"observation": [1, 2, 3], "action": 1}] * 3)
            self.read()

    def test_a_line_without_an_end_is_not_read_to_its_end(self):
        folder = self.scratch / "e"
        (folder / "steps").mkdir(parents=True)
        (folder / "metadata.json").write_text("{}")
        with open(folder / "steps" / "0.jsonl", "wb") as file:
            file.truncate(episode_folder.MAXIMUM_LINE_BYTES + 2)
        self.assertIn("line 1 is longer", self.read()[1]["e"])

    def test_links_pipes_and_half_folders_are_refused(self):
        outside = self.scratch / ".outside"
        outside.mkdir()
        (outside / "secret.json").write_text(self.steps(STEP))
        (outside / "steps").mkdir()
        (outside / "steps" / "0.jsonl").write_text(STEP)
        os.symlink(outside / "secret.json", self.scratch / "link.json")
        os.symlink("/dev/zero", self.scratch / "device.json")
        os.mkfifo(self.scratch / "pipe.json")
        os.symlink(outside, self.scratch / "folder")  # neither a folder nor named like a file: passed over
        for name in ("no_steps", "no_metadata", "steps_link", "line_link"):
            (self.scratch / name).mkdir()
            if name != "no_metadata":
                (self.scratch / name / "metadata.json").write_text("{}")
        (self.scratch / "no_metadata" / "steps").mkdir()
        os.symlink(outside / "steps", self.scratch / "steps_link" / "steps")
        (self.scratch / "line_link" / "steps").mkdir()
        os.symlink(outside / "steps" / "0.jsonl", self.scratch / "line_link" / "steps" / "0.jsonl")
        episodes, left_out = self.read()
        self.assertEqual(episodes, {})
        for id, said in (
            ("link", "can't be opened"),
            ("device", "can't be opened"),
            ("pipe", "no regular file"),
            ("no_steps", "no folder 'steps'"),
            ("steps_link", "no folder 'steps'"),
            ("no_metadata", "neither metadata.json nor episode.json"),
            ("line_link", "can't be opened"),
        ):
            self.assertIn(said, left_out[id])

    def test_one_id_in_both_layouts_is_used_once(self):
        folder = self.scratch / "e"
        (folder / "steps").mkdir(parents=True)
        (folder / "metadata.json").write_text("{}")
        (folder / "steps" / "0.jsonl").write_text(STEP)
        self.write_steps(self.scratch, "e", [json.loads(STEP)])
        episodes, left_out = self.read()
        self.assertEqual(list(episodes), ["e"])
        self.assertIn("only the first is used", left_out["e"])

    def test_names_with_odd_characters_are_quoted_in_reasons(self):
        folder = self.scratch / "e"
        (folder / "steps").mkdir(parents=True)
        (folder / "metadata.json").write_text("{}")
        (folder / "steps" / "a\x1b[2J\n.jsonl").write_text("{")
        reason = self.read()[1]["e"]
        self.assertNotIn("\x1b", reason)
        self.assertNotIn("\n", reason)


if __name__ == "__main__":
    unittest.main()
