"""Random numbers that stay the same: with another version of NumPy, on another machine, after a restart.

Only the raw 64-bit output of Philox is used, a counter-based generator whose stream NumPy guarantees; how
NumPy makes normal numbers or permutations of it isn't guaranteed, so that is done here. Each purpose has a
stream of its own, so nothing depends on the order in which numbers are drawn.
"""

import hashlib

import numpy as np


def _raw(seed, purpose, count):
    """The first `count` 64-bit numbers of the stream of (seed, purpose)."""
    digest = hashlib.sha256(purpose.encode()).digest()
    key = (seed % 2**64) | int.from_bytes(digest[:8], "little") << 64
    return np.random.Philox(key=key).random_raw(count)


def uniform(seed, purpose, shape, low=-1.0, high=1.0):
    """Numbers in [low, high), float64, of the given shape."""
    count = int(np.prod(shape))
    unit = (_raw(seed, purpose, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return (low + (high - low) * unit).reshape(shape)


def permutation(seed, purpose, count):
    """The numbers from 0 to count - 1 in a random order, int64 [count]."""
    return np.argsort(_raw(seed, purpose, count), kind="stable")
