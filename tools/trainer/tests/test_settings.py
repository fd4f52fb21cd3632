import unittest

from trainer.contract import Failure
from trainer.settings import Settings

from .support import CONFIG


class SettingsTests(unittest.TestCase):
    def test_what_is_left_out_has_defaults_and_unknown_keys_are_kept(self):
        settings = Settings.from_document({**CONFIG, "epochs": 20.0, "x": 1})
        self.assertEqual((settings.epochs, settings.rank, settings.state_size), (20, 8, 32))
        self.assertIsInstance(settings.epochs, int)
        self.assertEqual(settings.given["x"], 1)
        self.assertNotIn("given", settings.document())

    def test_what_makes_no_sense_is_refused_by_name(self):
        for key, value in (
            ("epochs", 0),
            ("epochs", 1.5),
            ("epochs", True),
            ("epochs", "20"),
            ("epochs", None),
            ("batch_size", 0),
            ("learning_rate", 0),
            ("learning_rate", -1),
            ("learning_rate", "fast"),
            ("learning_rate", True),
            ("seed", 2**64),
            ("rank", 0),
            ("state_size", 33),
            ("heldout_fraction", 0),
            ("heldout_fraction", 0.95),
            ("model_type", 5),
        ):
            with self.subTest(f"{key}={value!r}"), self.assertRaisesRegex(Failure, key):
                Settings.from_document({**CONFIG, key: value})

    def test_epochs_batch_size_and_rate_must_be_given(self):
        for key in ("epochs", "batch_size", "learning_rate"):
            with self.subTest(key), self.assertRaisesRegex(Failure, key):
                Settings.from_document({k: v for k, v in CONFIG.items() if k != key})

    def test_the_document_stands_above_what_is_inherited(self):
        settings = Settings.from_document({**CONFIG, "rank": 4}).with_base({"rank": 2, "state_size": 6})
        self.assertEqual((settings.rank, settings.state_size), (4, 6))


if __name__ == "__main__":
    unittest.main()
