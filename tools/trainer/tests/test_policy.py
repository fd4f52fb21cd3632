import unittest

import jax
import numpy as np

from trainer import adapter, base_policy, batches, dataset, measuring, policy, random_numbers
from trainer.dataset import Sequence
from trainer.runtime import Runtime

from .support import TrainerTestCase


def random_adapter(base, rank):
    random = np.random.default_rng(0)
    return {k: random.normal(0, 0.1, v).astype(np.float32) for k, v in adapter.shapes(base, rank).items()}


class PolicyTests(unittest.TestCase):
    def test_the_base_of_a_seed_is_the_same_everywhere(self):
        """Bases are not kept but made again: if this changes, no adapter that exists can be used any more."""
        self.assertEqual(
            base_policy.make(0, 12, 32, 4).digest,
            "sha256:9c4e7194e8282753829a8dfdc3d9e3c4eddebc778afa4b044e0a47533e775914",
        )
        self.assertNotEqual(base_policy.make(0, 12, 32, 4).digest, base_policy.make(1, 12, 32, 4).digest)

    def test_every_state_forgets_and_remembers_between_one_and_sixty_four_steps(self):
        for states in (2, 32, 256):
            cosine, sine = base_policy.make(3, 5, states, 2).turn
            radius = np.hypot(cosine, sine)
            self.assertLess(radius.max(), 1 - 1 / 70)
            self.assertGreater(radius.min(), 0.49)

    def test_a_new_adapter_changes_nothing(self):
        base = base_policy.make(0, 5, 8, 2)
        for name, matrix in policy.adapted(base, adapter.initial(base, 3, seed=1), 16.0).items():
            np.testing.assert_array_equal(matrix, base.matrices[name])

    def test_padding_and_company_do_not_matter(self):
        base = base_policy.make(0, 5, 8, 2)
        random = np.random.default_rng(1)
        made = [
            Sequence(
                str(n),
                random.normal(size=(n, 5)).astype(np.float32),
                random.normal(size=(n, 2)).astype(np.float32),
            )
            for n in (3, 16, 17, 40)
        ]
        factors = random_adapter(base, 3)
        measure = measuring.loss_of(base, 2.0)
        together = measure(factors, made)
        apart = sum(measure(factors, [s]) * len(s.targets) for s in made) / sum(len(s.targets) for s in made)
        self.assertAlmostEqual(together, apart, places=5)
        batch = batches.padded(made, 6)
        self.assertEqual(batch.inputs.shape, (6, 64, 5))
        self.assertEqual(batch.mask.sum(axis=1).tolist(), [3, 16, 17, 40, 0, 0])

    def test_the_gradient_is_the_slope_of_the_loss(self):
        base = base_policy.make(0, 3, 4, 2)
        factors = random_adapter(base, 2)
        random = np.random.default_rng(2)
        x = random.normal(size=(2, 7, 3)).astype(np.float32)
        u, mask = random.normal(size=(2, 7, 2)).astype(np.float32), np.ones((2, 7), np.float32)

        def loss(factors):
            return policy.loss(base, factors, 2.0, x, u, mask)

        gradient = jax.grad(loss)(factors)
        for name in factors:
            up, down = dict(factors), dict(factors)
            up[name], down[name] = factors[name].copy(), factors[name].copy()
            up[name][0, 0] += 0.01
            down[name][0, 0] -= 0.01
            slope = (float(loss(up)) - float(loss(down))) / 0.02
            self.assertAlmostEqual(slope, float(gradient[name][0, 0]), places=3)

    def test_every_epoch_has_every_episode_once_in_an_order_of_its_own(self):
        made = [
            Sequence(str(n), np.full((1, 1), n, np.float32), np.zeros((1, 1), np.float32)) for n in range(10)
        ]
        seen = []
        for step in range(6):
            batch = batches.batch_of_step(made, 4, seed=5, step=step)
            seen.append([int(row[0, 0]) for row, mask in zip(batch.inputs, batch.mask) if mask[0]])
        self.assertEqual([len(numbers) for numbers in seen], [4, 4, 2, 4, 4, 2])
        first, second = sum(seen[:3], []), sum(seen[3:], [])
        self.assertEqual(sorted(first), list(range(10)))
        self.assertEqual(sorted(second), list(range(10)))
        self.assertNotEqual(first, second)

    def test_random_numbers_stay_the_same(self):
        self.assertEqual(random_numbers.permutation(7, "order", 6).tolist(), [5, 2, 3, 1, 0, 4])
        self.assertEqual(
            random_numbers.uniform(7, "x", 2).tolist(), [-0.3120411235289038, 0.020121763846246532]
        )
        self.assertEqual(*(random_numbers.uniform(seed, "x", 2).tolist() for seed in (-1, 2**64 - 1)))


class RuntimeTests(TrainerTestCase):
    def test_step_by_step_in_numpy_gives_what_jax_gives(self):
        from example_task import arm, documents

        runtime = Runtime(self.trained().folder)
        recording = arm.record(np.random.default_rng(5), 30)
        steps = list(documents.steps(recording))[:-1]
        version, base = runtime.version, runtime.version.base()
        observations = np.concatenate(
            [
                recording.opening[:, None],
                recording.wanted_opening[:, None],
                recording.position,
                recording.velocity,
                recording.target,
            ],
            axis=1,
        )[:-1]
        answers = policy.actions(
            base, version.adapter(base), version.scale, version.normalisation.observations(observations)[None]
        )[0]
        wanted = np.asarray(answers) * version.normalisation.action_scale + version.normalisation.action_mean
        for _ in range(2):  # a second episode begins as the first one did
            runtime.start()
            got = np.array([[*runtime.act(step["observation"]).values()] for step in steps])
            np.testing.assert_allclose(got, wanted, atol=1e-3)
        taught = np.array(
            [[step["action"]["gripper"], *step["action"]["joint_acceleration"]] for step in steps]
        )
        self.assertLess(np.mean((got - taught) ** 2), 0.1 * np.mean(taught**2))
        self.assertEqual(list(runtime.act(steps[0]["observation"])), list(version.action_names))


class DatasetTests(unittest.TestCase):
    def episode(self, id):
        return type("Episode", (), {"id": id})()

    def ids(self, episodes):
        return {episode.id for episode in episodes}

    def test_an_episode_stays_on_its_side_when_others_come(self):
        few = [self.episode(f"ep{n}") for n in range(50)]
        many = few + [self.episode(f"new{n}") for n in range(50)]
        train, heldout = map(self.ids, dataset.split(few, 0.2))
        more_train, more_heldout = map(self.ids, dataset.split(many, 0.2))
        self.assertTrue(2 <= len(heldout) <= 20, len(heldout))
        self.assertLessEqual(heldout, more_heldout)
        self.assertLessEqual(train, more_train)

    def test_two_episodes_or_more_have_one_on_each_side(self):
        for fraction in (1e-9, 0.9):
            for count in (2, 3, 5):
                episodes = [self.episode(f"{fraction}-{n}") for n in range(count)]
                train, heldout = dataset.split(episodes, fraction)
                self.assertTrue(train and heldout)
                self.assertEqual(len(train) + len(heldout), count)
        self.assertEqual(dataset.split([self.episode("one")], 0.9)[1], [])

    def test_numbers_without_units_have_mean_0_and_deviation_1_whatever_the_units(self):
        random = np.random.default_rng(0)
        nanoseconds = 1.7e18 + random.normal(0, 1e9, (500, 1))
        columns = [random.normal(5, 2, (500, 1)), nanoseconds, np.full((500, 1), 0.1)]
        values = np.concatenate(columns, axis=1)
        episode = type("Episode", (), {"observations": values, "actions": values})()
        normalisation = dataset.Normalisation.of([episode])
        unitless = normalisation.observations(values)
        np.testing.assert_allclose(unitless.mean(axis=0), [0, 0, 0, 1], atol=1e-4)
        np.testing.assert_allclose(unitless.std(axis=0), [1, 1, 0, 0], atol=1e-2)
        self.assertEqual(normalisation.observations(values + 1e20)[0, 0], dataset.CLIP)


if __name__ == "__main__":
    unittest.main()
