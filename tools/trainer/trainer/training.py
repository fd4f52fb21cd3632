"""The training loop: Adam on the adapter's factors, with checkpoints and a way to stop."""

import functools
import math
import time

import jax
import numpy as np
import optax

from . import batches, policy
from .checkpoint import Checkpoint
from .contract import Failure

HIGHEST_GRADIENT_NORM = 1.0


def total_steps(settings, sequences):
    return settings.epochs * batches.steps_per_epoch(len(sequences), settings.batch_size)


class Trainer:
    """Trains one adapter; after `run` the attributes `adapter` and `loss` are those of the last step."""

    def __init__(self, settings, base, adapter, sequences):
        self.settings, self.sequences = settings, sequences
        self.total_steps = total_steps(settings, sequences)
        self.optimiser = _optimiser(settings.learning_rate, self.total_steps)
        self.adapter = adapter
        self.optimiser_state = self.optimiser.init(adapter)
        self.steps_done, self.loss = 0, math.nan
        loss = functools.partial(policy.loss, base, scale=settings.lora_alpha / settings.rank)

        def update(adapter, state, inputs, targets, mask):
            value, gradient = jax.value_and_grad(loss)(adapter, inputs=inputs, targets=targets, mask=mask)
            change, state = self.optimiser.update(gradient, state, adapter)
            return optax.apply_updates(adapter, change), state, value

        self._update = jax.jit(update)

    def run(self, progress, stopping, checkpoints=None, checkpoint_seconds=math.inf):
        """Goes on from where it is to the last step.

        Raises Failure at a loss that is no finite number, and Stopped when that was asked for, after the step
        that was under way and with a checkpoint where there is a place for one. A request during the last
        step comes too late: the work is done.
        """
        stopping.check()
        written_at = time.monotonic()
        while self.steps_done < self.total_steps:
            self._step()
            progress.step(self.steps_done, self.loss)
            stop = stopping.requested and self.steps_done < self.total_steps
            if checkpoints and (stop or time.monotonic() - written_at >= checkpoint_seconds):
                checkpoints.write(self.checkpoint())
                written_at = time.monotonic()
            if stop:
                stopping.check()

    def _step(self):
        settings = self.settings
        batch = batches.batch_of_step(self.sequences, settings.batch_size, settings.seed, self.steps_done)
        self.adapter, self.optimiser_state, loss = self._update(
            self.adapter, self.optimiser_state, *batch.arrays
        )
        self.steps_done, self.loss = self.steps_done + 1, float(loss)
        if not math.isfinite(self.loss):
            raise Failure(
                f"the loss of step {self.steps_done} is {self.loss}: training has diverged, and nothing was "
                f"written; a learning_rate below {settings.learning_rate:g} may help"
            )

    def checkpoint(self):
        arrays = {f"adapter.{name}": np.asarray(value) for name, value in self.adapter.items()}
        for index, leaf in enumerate(jax.tree_util.tree_leaves(self.optimiser_state)):
            arrays[f"optimiser.{index}"] = np.asarray(leaf)
        return Checkpoint(self.steps_done, self.loss, arrays)

    def restore(self, checkpoint):
        """Goes to where the checkpoint was made, by a trainer of the same settings and data."""
        _, structure = jax.tree_util.tree_flatten(self.optimiser_state)
        leaves = [checkpoint.arrays[f"optimiser.{index}"] for index in range(structure.num_leaves)]
        self.adapter = {name: checkpoint.arrays[f"adapter.{name}"] for name in self.adapter}
        self.optimiser_state = jax.tree_util.tree_unflatten(structure, leaves)
        self.steps_done, self.loss = checkpoint.step, checkpoint.loss


def _optimiser(learning_rate, steps):
    """Adam, warmed up over a twentieth of the steps, then down to a hundredth along a cosine."""
    warm_up = max(1, steps // 20)
    rate = optax.warmup_cosine_decay_schedule(
        init_value=learning_rate / 10,
        peak_value=learning_rate,
        warmup_steps=warm_up,
        decay_steps=max(steps, warm_up + 1),
        end_value=learning_rate / 100,
    )
    return optax.chain(optax.clip_by_global_norm(HIGHEST_GRADIENT_NORM), optax.adam(rate))
