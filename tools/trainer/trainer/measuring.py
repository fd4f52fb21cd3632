"""The loss over many episodes."""

import functools

import jax
import numpy as np

from . import batches, policy

EPISODES_AT_ONCE = 64


def loss_of(base, scale):
    """Returns a function (adapter, sequences) → mean squared error of a step, a float; compiled once."""
    compiled = jax.jit(functools.partial(policy.squared_error, base, scale=scale))

    def measure(adapter, sequences):
        total = steps = np.float64(0)
        # A batch is summed on the device in float32, all of them here in float64, so none is lost in many.
        for batch in batches.in_order(sequences, EPISODES_AT_ONCE):
            inputs, targets, mask = batch.arrays
            error, count = compiled(adapter, inputs=inputs, targets=targets, mask=mask)
            total, steps = total + np.float64(error), steps + np.float64(count)
        return float(total / steps)

    return measure
