"""What a run that was stopped leaves to the next one on the same machine.

One file: 64 hex digits and a line feed, the SHA-256 of all that follows, then safetensors with every array
and, as the only entry of its metadata, a JSON document. It is replaced by one rename (durable.py), so a run
finds the last whole checkpoint or none.
"""

import hashlib
import json
import os
from dataclasses import dataclass

import safetensors
import safetensors.numpy

from . import durable

NAME = "trainer.checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """The state after `step` steps; `loss` is the last one's."""

    step: int
    loss: float
    arrays: dict  # by name


class Checkpoints:
    """Where one training keeps its checkpoint; config, data, base and software are its fingerprint."""

    def __init__(self, folder, fingerprint, log):
        self.path = os.path.join(folder, NAME)
        self.fingerprint = fingerprint
        self.log = log
        os.makedirs(folder, exist_ok=True)

    def write(self, checkpoint):
        """Replaces the checkpoint; it is durable on return."""
        state = {"fingerprint": self.fingerprint, "step": checkpoint.step, "loss": checkpoint.loss}
        body = safetensors.numpy.save(
            checkpoint.arrays, metadata={"state": json.dumps(state, sort_keys=True)}
        )
        durable.write(self.path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)

    def read(self):
        """Returns the last checkpoint, or None; the log says why one that is there can't be used."""
        try:
            with open(self.path, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return None
        head, _, body = data.partition(b"\n")
        if head != hashlib.sha256(body).hexdigest().encode():
            self.log("the checkpoint is damaged; training starts anew")
            return None
        try:
            # The digest vouches for the rest, except that an older trainer may have written it otherwise.
            arrays = safetensors.numpy.load(body)
            length = int.from_bytes(body[:8], "little")
            state = json.loads(json.loads(body[8 : 8 + length])["__metadata__"]["state"])
            found = Checkpoint(int(state["step"]), float(state["loss"]), arrays)
            fingerprint = state["fingerprint"]
        except (safetensors.SafetensorError, ValueError, KeyError, TypeError):
            self.log("the checkpoint has another format; training starts anew")
            return None
        if fingerprint != self.fingerprint:
            self.log("the checkpoint is of other settings, episodes, base or software; training starts anew")
            return None
        return found
