"""Minibatches of padded episodes, whose order and shapes depend on nothing but seed, epoch and data."""

from dataclasses import dataclass

import numpy as np

from . import random_numbers

SHORTEST_STEPS = 16


@dataclass(frozen=True)
class Batch:
    """N episodes, padded to T steps; what is padding has mask 0."""

    inputs: np.ndarray  # float32 [N, T, F + 1]
    targets: np.ndarray  # float32 [N, T, A]
    mask: np.ndarray  # float32 [N, T], 1 where there is a step

    @property
    def arrays(self):
        return self.inputs, self.targets, self.mask


def padded(sequences, size):
    """Makes a batch of `size` rows; those beyond the given sequences are padding.

    The steps are padded to a power of two: each other shape costs a compilation, and so there are few.
    """
    longest = max(len(sequence.targets) for sequence in sequences)
    steps = SHORTEST_STEPS
    while steps < longest:
        steps *= 2
    first = sequences[0]
    inputs = np.zeros((size, steps, first.inputs.shape[1]), np.float32)
    targets = np.zeros((size, steps, first.targets.shape[1]), np.float32)
    mask = np.zeros((size, steps), np.float32)
    for row, sequence in enumerate(sequences):
        length = len(sequence.targets)
        inputs[row, :length], targets[row, :length], mask[row, :length] = sequence.inputs, sequence.targets, 1
    return Batch(inputs, targets, mask)


def steps_per_epoch(count, batch_size):
    return -(-count // batch_size)


def batch_of_step(sequences, batch_size, seed, step):
    """The batch of the step with this number, from 0.

    It is worked out of the number alone, so a run that goes on from a checkpoint sees the same batches.
    """
    epoch, index = divmod(step, steps_per_epoch(len(sequences), batch_size))
    order = random_numbers.permutation(seed, f"order of epoch {epoch}", len(sequences))
    chosen = order[index * batch_size : (index + 1) * batch_size]
    return padded([sequences[i] for i in chosen], min(batch_size, len(sequences)))


def in_order(sequences, size):
    """Every sequence once, in batches of `size` rows, the last one filled up with padding: for measuring."""
    for start in range(0, len(sequences), size):
        yield padded(sequences[start : start + size], size)
