"""Episodes made ready for the policy: which are held out, and numbers without units."""

import collections
import hashlib
import os
from dataclasses import dataclass

import numpy as np

# A normalised observation is cut here, so that one broken sensor can't drown all others.
CLIP = 10.0


def split(episodes, heldout_fraction):
    """Returns (train, held out).

    The hash of an episode's id decides, so an episode stays on its side when others are added, and an episode
    that a base version was measured on isn't what its successor learns from. Two episodes or more have at
    least one on each side: the one whose hash lies closest to the other side changes over.
    """
    ranked = sorted((_position(episode.id), episode.id, episode) for episode in episodes)
    heldout_count = sum(position < heldout_fraction for position, _, _ in ranked)
    if len(ranked) >= 2:
        heldout_count = min(max(heldout_count, 1), len(ranked) - 1)
    elif ranked:
        heldout_count = 0
    heldout_ids = {id for _, id, _ in ranked[:heldout_count]}
    return (
        [episode for episode in episodes if episode.id not in heldout_ids],
        [episode for episode in episodes if episode.id in heldout_ids],
    )


def _position(id):
    """Where the id lies in [0, 1)."""
    return int.from_bytes(hashlib.sha256(os.fsencode(id)).digest()[:8], "big") / 2.0**64


def common_signature(episodes):
    """The names of observations and actions that most episodes have; of equally many, the first ones."""
    counts = collections.Counter(episode.signature for episode in episodes)
    return min(counts, key=lambda signature: (-counts[signature], signature))


@dataclass(frozen=True)
class Normalisation:
    """Mean and scale of each feature: a normalised number is (number - mean) / scale. float64 [features].

    In double precision, since a time in nanoseconds and its mean differ in digits that float32 hasn't.
    """

    observation_mean: np.ndarray
    observation_scale: np.ndarray
    action_mean: np.ndarray
    action_scale: np.ndarray

    @classmethod
    def of(cls, episodes):
        """Of all steps of these episodes: the deviation is the scale, or 1 for what never changes."""
        observation = _mean_and_scale([episode.observations for episode in episodes])
        return cls(*observation, *_mean_and_scale([episode.actions for episode in episodes]))

    def observations(self, values):
        """float64 [T, F] as recorded → float32 [T, F + 1] for the policy, whose last column is always 1.

        The 1 is the policy's bias, and lets its state know how long ago the episode began.
        """
        unitless = np.clip((values - self.observation_mean) / self.observation_scale, -CLIP, CLIP)
        return np.concatenate([unitless, np.ones((len(values), 1))], axis=1).astype(np.float32)

    def actions(self, values):
        """float64 [T, A] as recorded → float32 [T, A]."""
        return ((values - self.action_mean) / self.action_scale).astype(np.float32)


def _mean_and_scale(parts):
    values = np.concatenate(parts)
    # Counted from the first value: then the sums of large numbers with small differences keep those, and what
    # never changes has a deviation of exactly 0.
    centred = values - values[0]
    mean, deviation = values[0] + centred.mean(axis=0), centred.std(axis=0)
    scale = np.where(deviation > 1e-12 * np.abs(mean), deviation, 1.0)
    return mean, scale


@dataclass(frozen=True)
class Sequence:
    """One episode as the policy sees it."""

    id: str
    inputs: np.ndarray  # float32 [T, F + 1]
    targets: np.ndarray  # float32 [T, A]


def sequences(episodes, normalisation):
    return [
        Sequence(e.id, normalisation.observations(e.observations), normalisation.actions(e.actions))
        for e in episodes
    ]


def fingerprint(train, heldout):
    """A digest of everything that is learnt from or measured on, in hex."""
    digest = hashlib.sha256()
    for side, sequences_of_side in (("train", train), ("heldout", heldout)):
        for sequence in sequences_of_side:
            id = os.fsencode(sequence.id)
            digest.update(f"{side} {len(id)} {sequence.inputs.shape} {sequence.targets.shape}\n".encode())
            digest.update(id + sequence.inputs.tobytes() + sequence.targets.tobytes())
    return digest.hexdigest()
