"""A version as a control loop would run it: one observation in, one action out. NumPy only, no JAX.

policy = Runtime("ROOT/active/robot_001")
policy.start()                              # of an episode: the state is 0
action = policy.act(observation)            # {"joint_acceleration[0]": 0.31, …}, in recorded units
"""

import numpy as np

from . import features, model_files
from .contract import Failure


class Runtime:
    """Holds the matrices with the adapter in them, and the state of the episode that is under way."""

    def __init__(self, folder):
        """Reads a version's files; raises Failure where they aren't those of one."""
        self.version = model_files.read(folder)
        base = self.version.base()
        factors = self.version.adapter(base)
        self.matrices = {
            name: matrix + self.version.scale * (factors[f"{name}.lora_b"] @ factors[f"{name}.lora_a"])
            for name, matrix in base.matrices.items()
        }
        self.cosine, self.sine = base.turn
        self.start()

    def start(self):
        self.first = self.second = np.zeros_like(self.cosine)

    def act(self, observation):
        """Takes an observation as it is recorded; raises Failure where the version knows other features."""
        names, numbers = features.flatten(observation, skip_other=True)
        if names != self.version.observation_names:
            raise Failure("the observation has other features than the version was trained on")
        x = self.version.normalisation.observations(np.array([numbers]))[0]
        first, second = np.split(self.matrices["B"] @ x, 2)
        self.first, self.second = (
            self.cosine * self.first - self.sine * self.second + first,
            self.sine * self.first + self.cosine * self.second + second,
        )
        u = self.matrices["C"] @ np.concatenate([self.first, self.second]) + self.matrices["D"] @ x
        scale, mean = self.version.normalisation.action_scale, self.version.normalisation.action_mean
        return dict(zip(self.version.action_names, (u * scale + mean).tolist()))
