"""The frozen base: a linear state-space policy that is made of a seed, the same on every machine.

    h[t] = A h[t-1] + B x[t]        x: normalised observation and a 1, h: state
    u[t] = C h[t] + D x[t]          u: normalised action

A has 2 × 2 blocks [[a, -b], [b, a]]: each pair of states turns and fades, with a time constant between 1 and
64 steps, so the state always forgets (every |eigenvalue| < 1) and what is learnt can't make it run away. Only
sums, products and quotients are used, which IEEE 754 rounds alike everywhere; sines and exponentials are not.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from .random_numbers import uniform

OCTAVES = 6  # of time constants: from 2^0 to 2^6 steps


@dataclass(frozen=True)
class BasePolicy:
    """float32 everywhere. S states in S/2 pairs, F inputs (with the 1), A outputs."""

    turn: np.ndarray  # [2, S/2]: a and b of each pair
    B: np.ndarray  # [S, F]; the first S/2 rows are the pairs' first states, the others their second ones
    C: np.ndarray  # [A, S]
    D: np.ndarray  # [A, F]

    @property
    def matrices(self):
        """What adapters are added to, by name."""
        return {"B": self.B, "C": self.C, "D": self.D}

    @property
    def digest(self):
        """A digest of all numbers; config.json has it, so that a base that was made again can be checked."""
        digest = hashlib.sha256()
        for name in ("turn", "B", "C", "D"):
            value = getattr(self, name)
            digest.update(f"{name} {value.shape}\n".encode() + value.astype("<f4").tobytes())
        return f"sha256:{digest.hexdigest()}"


def make(base_seed, inputs, states, outputs):
    """Makes the base of this seed for these sizes."""
    pairs = states // 2
    time_constants = _time_constants(pairs)
    radius = 1 - 1 / (1 + time_constants)
    # The tangent of half the angle gives cosine and sine by quotients. A turn takes a few time constants.
    tangent = uniform(base_seed, "turn", pairs) / (1 + time_constants)
    cosine = (1 - tangent**2) / (1 + tangent**2)
    sine = 2 * tangent / (1 + tangent**2)
    # A constant input ends in states of about its own size, however slow the pair is.
    gain = np.tile(1 / (1 + time_constants), 2)[:, None]
    return BasePolicy(
        turn=np.stack([radius * cosine, radius * sine]).astype(np.float32),
        B=(uniform(base_seed, "B", (states, inputs)) * np.sqrt(3 / inputs) * gain).astype(np.float32),
        C=(uniform(base_seed, "C", (outputs, states)) * np.sqrt(1 / states)).astype(np.float32),
        D=(uniform(base_seed, "D", (outputs, inputs)) * np.sqrt(1 / inputs)).astype(np.float32),
    )


def _time_constants(pairs):
    """About evenly spread over the octaves, float64 [pairs], in steps."""
    octave = OCTAVES * (np.arange(pairs) + 0.5) / pairs
    whole = np.floor(octave)
    return np.ldexp(1 + (octave - whole), whole.astype(int))
