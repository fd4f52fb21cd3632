import json
import shutil

import numpy as np
import safetensors.numpy

from .support import CONFIG, TrainerTestCase, episodes


class BaseTests(TrainerTestCase):
    def setUp(self):
        super().setUp()
        self.first = self.trained()

    def test_training_goes_on_from_the_base_version(self):
        data = episodes(120, "flat")
        second = self.train(data, {**CONFIG, "learning_rate": 0.003}, "second", BASE_DIR=self.first.folder)
        # The base's loss is measured as the base measured it: on the same episodes, in its own units.
        self.assertEqual(second.metrics["base_heldout_loss"], self.first.metrics["heldout_loss"])
        self.assertLess(second.lines[0]["loss"], 0.2 * self.first.lines[0]["loss"])
        self.assertLess(second.metrics["heldout_loss"], 0.7 * self.first.metrics["heldout_loss"])
        tensors = [
            safetensors.numpy.load(run.files["lora_adapters.safetensors"]) for run in (self.first, second)
        ]
        np.testing.assert_array_equal(tensors[0]["observation.mean"], tensors[1]["observation.mean"])
        self.assertEqual(self.first.config["base_digest"], second.config["base_digest"])

    def test_new_episodes_keep_the_units_and_the_shape_of_the_base_version(self):
        first = self.train(episodes(40, "flat"), {**CONFIG, "rank": 3}, "first")
        second = self.train(episodes(40, "folder", seed=9), name="second", BASE_DIR=first.folder)
        tensors = [safetensors.numpy.load(run.files["lora_adapters.safetensors"]) for run in (first, second)]
        for name in ("observation.mean", "observation.scale", "action.mean", "action.scale"):
            np.testing.assert_array_equal(tensors[0][name], tensors[1][name])
        self.assertEqual(second.config["hyperparameters"]["rank"], 3)

    def test_a_base_that_does_not_fit_is_an_error_and_nothing_is_written(self):
        data = episodes(40, "flat")
        other = self.scratch / "other"
        for index in range(4):
            self.write_steps(other, f"e{index}", [{"observation": [1, t], "action": t} for t in range(4)])

        def changed(name, change):
            folder = self.scratch / name
            shutil.copytree(self.first.folder, folder)
            change(folder)
            return folder

        def transpose(folder):
            tensors = safetensors.numpy.load((folder / "lora_adapters.safetensors").read_bytes())
            tensors["C.lora_a"] = np.ascontiguousarray(tensors["C.lora_a"].T)
            (folder / "lora_adapters.safetensors").write_bytes(safetensors.numpy.save(tensors))

        def poison(folder):
            tensors = safetensors.numpy.load((folder / "lora_adapters.safetensors").read_bytes())
            tensors["D.lora_b"][0, 0] = np.nan
            (folder / "lora_adapters.safetensors").write_bytes(safetensors.numpy.save(tensors))

        def edit(**values):
            def change(folder):
                config = json.loads((folder / "config.json").read_text())
                (folder / "config.json").write_text(json.dumps({**config, **values}))

            return change

        def cut(folder):
            path = folder / "lora_adapters.safetensors"
            path.write_bytes(path.read_bytes()[:-8])

        for base, data_of_it, config, said in (
            (
                self.first.folder,
                data,
                {**CONFIG, "rank": 4},
                "CONFIG says rank 4, and the base version has 8",
            ),
            (self.first.folder, data, {**CONFIG, "state_size": 64}, "state_size"),
            (self.first.folder, other, CONFIG, "no episode fits the base version"),
            (changed("transposed", transpose), data, CONFIG, "C.lora_a is float32 [32, 8]"),
            (changed("poisoned", poison), data, CONFIG, "not finite"),
            (changed("reseeded", edit(base_seed=7)), data, CONFIG, "its seed gives"),
            (changed("format", edit(format="v9")), data, CONFIG, "isn't of the format"),
            (changed("cut", cut), data, CONFIG, "can't be read"),
            (data, data, CONFIG, "no version that training can start from"),
        ):
            with self.subTest(said):
                self.assertIn(said, self.refused(data_of_it, config, BASE_DIR=base))
