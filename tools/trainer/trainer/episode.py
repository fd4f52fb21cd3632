"""One episode as matrices, made of its steps one after the other."""

from dataclasses import dataclass

import numpy as np

from . import features

MAXIMUM_STEPS = 65_536
MAXIMUM_NUMBERS = 32 << 20  # in one episode, observations and actions together


class BadEpisode(ValueError):
    """The episode can't be learnt from; the message says why."""


@dataclass(frozen=True)
class Episode:
    """An episode of T steps that have an action."""

    id: str
    observation_names: tuple
    action_names: tuple
    observations: np.ndarray  # float64 [T, observations], in the units they were recorded in
    actions: np.ndarray  # float64 [T, actions], in the units they were recorded in

    @property
    def steps(self):
        return len(self.actions)

    @property
    def signature(self):
        return self.observation_names, self.action_names


class EpisodeBuilder:
    """Takes the steps of one episode in their order; holds numbers only, never the documents."""

    def __init__(self, id):
        self.id = id
        self.names = None
        self.observations, self.actions = [], []
        self.count = 0
        self.ended = False

    def add(self, step):
        """Adds a step; raises BadEpisode for one that isn't any, or that doesn't go with those before it."""
        try:
            self._add(step)
        except (BadEpisode, features.BadFeatures) as error:
            raise BadEpisode(f"step {self.count}: {error}") from None
        self.count += 1

    def _add(self, step):
        if not isinstance(step, dict):
            raise BadEpisode("it is no object")
        if self.count == MAXIMUM_STEPS:
            raise BadEpisode(f"there are more than {MAXIMUM_STEPS} steps")
        flags = {key: step.get(key, False) for key in ("is_first", "is_last", "is_terminal")}
        for key, value in flags.items():
            if not isinstance(value, bool):
                raise BadEpisode(f"{key} is neither true nor false")
        # Two recordings in one would carry the policy's state from the end of one into the other.
        if self.ended:
            raise BadEpisode("it comes after the last one")
        if flags["is_first"] and self.count > 0:
            raise BadEpisode("it says that it is the first")
        self.ended = flags["is_last"]
        # RLDS: of a last step only the observation counts, its action is a placeholder.
        if flags["is_last"] and self.count > 0:
            return
        for key in ("observation", "action"):
            if key not in step:
                raise BadEpisode(f"it has no {key}")
        observation_names, observation = _vector(step, "observation", skip_other=True)
        action_names, action = _vector(step, "action", skip_other=False)
        if self.names is None:
            self.names = observation_names, action_names
        elif self.names != (observation_names, action_names):
            raise BadEpisode("its numbers have other names than those of the first step")
        if (self.count + 1) * (len(observation) + len(action)) > MAXIMUM_NUMBERS:
            raise BadEpisode(f"the episode has more than {MAXIMUM_NUMBERS} numbers")
        self.observations.append(np.array(observation))
        self.actions.append(np.array(action))

    def finish(self):
        """Returns the episode; raises BadEpisode where no step had an action."""
        if not self.actions:
            raise BadEpisode("it has no steps")
        observation_names, action_names = self.names
        return Episode(
            self.id, observation_names, action_names, np.stack(self.observations), np.stack(self.actions)
        )


def _vector(step, key, skip_other):
    try:
        names, numbers = features.flatten(step[key], skip_other)
    except features.BadFeatures as error:
        raise BadEpisode(f"{key}: {error}") from None
    if not numbers:
        raise BadEpisode(f"the {key} has no numbers")
    return names, numbers
