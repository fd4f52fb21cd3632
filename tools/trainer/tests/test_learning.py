import json
import math

import numpy as np

from trainer import dataset, episode_folder

from .support import CONFIG, FILES, TrainerTestCase, episodes


class LearningTests(TrainerTestCase):
    def test_it_learns_from_flat_files_and_from_folders_alike(self):
        runs = [self.train(episodes(200, layout), name=layout) for layout in ("flat", "folder")]
        metrics = runs[0].metrics
        self.assertLess(metrics["heldout_loss"], 0.05 * metrics["base_heldout_loss"])
        self.assertLess(metrics["final_loss"], 0.05)
        # The same recordings are the same numbers in either layout, so everything else is the same too.
        self.assertEqual(runs[0].files, runs[1].files)
        self.assertEqual(tuple(runs[0].files), FILES)

    def test_it_learns_what_a_policy_without_memory_cannot(self):
        run = self.train(episodes(200, "flat"), {**CONFIG, "epochs": 60})
        read, _ = episode_folder.read_all(episodes(200, "flat"))
        train, heldout = dataset.split(read, 0.2)
        normalisation = dataset.Normalisation.of(train)
        train, heldout = (dataset.sequences(side, normalisation) for side in (train, heldout))
        x, u = (np.concatenate([getattr(s, key) for s in train]) for key in ("inputs", "targets"))
        best, *_ = np.linalg.lstsq(x, u, rcond=None)
        x, u = (np.concatenate([getattr(s, key) for s in heldout]) for key in ("inputs", "targets"))
        without_memory = float(np.mean((x @ best - u) ** 2))
        self.assertLess(run.metrics["heldout_loss"], 0.2 * without_memory)

    def test_the_rate_of_the_usual_job_is_enough(self):
        usual = {
            "model_type": "wavecore",
            "epochs": 100,
            "batch_size": 32,
            "learning_rate": 0.0001,
            "seed": 0,
        }
        metrics = self.train(episodes(200, "flat"), usual).metrics
        self.assertLess(metrics["heldout_loss"], 0.2 * metrics["base_heldout_loss"])

    def test_stdout_is_progress_in_order_and_ends_with_the_losses(self):
        run = self.train(episodes(40, "flat"), {**CONFIG, "epochs": 30})
        *steps, last_step, final = run.lines
        total = 30 * math.ceil(run.metrics["episodes"] * 0.75 / 32)
        self.assertEqual({line["total_steps"] for line in run.lines}, {run.metrics["steps"]})
        self.assertLessEqual(total, run.metrics["steps"])
        numbers = [line["step"] for line in [*steps, last_step]]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(numbers[0], 1)
        self.assertEqual(last_step["step"], run.metrics["steps"])
        self.assertEqual(set(last_step), {"step", "total_steps", "loss"})
        self.assertEqual(
            final,
            {
                **last_step,
                "final_loss": run.metrics["final_loss"],
                "heldout_loss": run.metrics["heldout_loss"],
            },
        )

    def test_the_files_say_all_that_it_takes_to_run_the_policy(self):
        run = self.train(
            episodes(40, "flat"), {**CONFIG, "someone_elses": {"key": [1]}, "rank": 3, "state_size": 6}
        )
        config = run.config
        self.assertEqual(config["given"]["someone_elses"], {"key": [1]})
        self.assertEqual(config["hyperparameters"]["rank"], 3)
        self.assertEqual(config["tensors"]["C.lora_a"], {"dtype": "float32", "shape": [3, 6]})
        self.assertEqual(config["tensors"]["C.lora_b"], {"dtype": "float32", "shape": [4, 3]})
        self.assertEqual(config["action"][0], "gripper")
        self.assertNotIn("instruction", config["observation"])
        self.assertTrue(all(isinstance(v, (int, float)) and math.isfinite(v) for v in run.metrics.values()))
        self.assertEqual(run.metrics["initial_heldout_loss"], run.metrics["base_heldout_loss"])
        for data in run.files.values():
            self.assertNotIn(str(self.scratch).encode(), data)

    def test_one_episode_is_learnt_from_and_measured_on(self):
        one = self.scratch / "one"
        source = next(path for path in sorted(episodes(40, "flat").iterdir()))
        steps = json.loads(source.read_text())["steps"]
        self.write_steps(one, "only", steps)
        run = self.train(one)
        self.assertEqual((run.metrics["episodes"], run.metrics["heldout_episodes"]), (1, 0))
        self.assertEqual(run.metrics["heldout_loss"], run.metrics["final_loss"])
        self.assertIn("nothing is held out", run.log)
