from .support import CONFIG, TrainerTestCase, episodes


class FailureTests(TrainerTestCase):
    def test_a_loss_that_is_no_number_ends_it_and_leaves_nothing(self):
        run = self.train(episodes(40, "flat"), {**CONFIG, "learning_rate": 1e30}, expect=1)
        self.assertIn("training has diverged", run.log)
        self.assertEqual(run.files, {})
        self.assertEqual(
            [set(line) for line in run.lines], [{"step", "total_steps", "loss"}] * len(run.lines)
        )
        # With a single step the loss is that of the start, and only the measurement at the end can tell.
        once = {**CONFIG, "epochs": 1, "batch_size": 64}
        for rate in (1e30, 1e300):
            self.assertIn(
                "final_loss is ", self.refused(episodes(40, "flat"), {**once, "learning_rate": rate})
            )

    def test_no_usable_episode_has_an_exit_code_of_its_own(self):
        empty = self.scratch / "empty"
        empty.mkdir()
        self.assertIn("there are none", self.refused(empty, expect=65))
        (empty / "bad.json").write_text("{")
        run = self.train(empty, expect=65)
        self.assertIn("'bad'", run.log)
        self.assertIn("all were left out", run.log)
        self.assertEqual(run.files, {})

    def test_bad_episodes_are_named_and_counted_and_the_others_used(self):
        mixed = self.scratch / "mixed"
        for index in range(8):
            number = float(index)
            steps = [{"observation": [number, t], "action": number * t, "is_first": t == 0} for t in range(4)]
            self.write_steps(mixed, f"good{index}", steps)
        self.write_steps(mixed, "strange", [{"observation": [1, 2, 3], "action": 1}])
        self.write_steps(mixed, "null", [{"observation": [1, 2], "action": None}])
        (mixed / "cut.json").write_text('{"steps": [')
        run = self.train(mixed)
        self.assertEqual((run.metrics["episodes"], run.metrics["episodes_left_out"]), (8, 3))
        for id in ("strange", "null", "cut"):
            self.assertIn(f"episode '{id}' is left out: ", run.log)

    def test_what_the_environment_lacks_is_said_in_a_sentence(self):
        data = episodes(40, "flat")
        for variables, said in (
            ({"EPISODES_DIR": None}, "EPISODES_DIR is not set"),
            ({"EPISODES_DIR": self.scratch / "nowhere"}, "EPISODES_DIR must name a folder"),
            ({"OUTPUT_DIR": ""}, "OUTPUT_DIR is not set"),
            ({"CONFIG": data}, "CONFIG must name a file"),
            ({"BASE_DIR": "", "CHECKPOINT_DIR": "", "CONFIG": ""}, "CONFIG is not set"),
            ({"BASE_DIR": self.scratch / "nowhere"}, "BASE_DIR must name a folder"),
            ({"CHECKPOINT_SECONDS": "soon"}, "CHECKPOINT_SECONDS must be"),
        ):
            with self.subTest(said):
                variables = {"EPISODES_DIR": data, **variables}
                run = self.train(variables.pop("EPISODES_DIR"), expect=1, **variables)
                self.assertIn(said, run.log)
                self.assertNotIn("Traceback", run.log)
                self.assertEqual(run.lines, [])

    def test_an_output_folder_with_files_of_others_is_left_alone(self):
        (self.scratch / "out").mkdir()
        (self.scratch / "out" / "notes.txt").write_text("mine")
        run = self.train(episodes(40, "flat"), expect=1)
        self.assertIn("OUTPUT_DIR must be empty", run.log)
        self.assertEqual(run.files, {"notes.txt": b"mine"})

    def test_what_an_attempt_that_was_killed_left_is_cleared_away(self):
        (self.scratch / "out").mkdir()
        for name in ("lora_adapters.safetensors.partial", "config.json"):
            (self.scratch / "out" / name).write_text("half")
        self.assertEqual(len(self.train(episodes(40, "flat")).files), 3)
