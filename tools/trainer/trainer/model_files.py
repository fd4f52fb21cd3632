"""A version's files: written by training, read as the base of the next one and for measuring.

    lora_adapters.safetensors   the adapter, float32; mean and scale of observation and action, float64
    config.json                 all that a runtime needs besides: sizes, names, the base's seed and digest
    metrics.json                a flat object of finite numbers

Neither times nor paths are in any of them: the same training gives the same bytes.
"""

import json
import os
from dataclasses import dataclass

import numpy as np
import safetensors
import safetensors.numpy

from . import FORMAT, adapter, base_policy, durable, regular_files
from .contract import Failure
from .dataset import CLIP, Normalisation

TENSORS, CONFIG, METRICS = "lora_adapters.safetensors", "config.json", "metrics.json"
MAXIMUM_TENSOR_BYTES = 1 << 30


@dataclass(frozen=True)
class Version:
    """A version of the adapter, with what it takes to make the whole policy of it."""

    hyperparameters: dict
    base_digest: str
    observation_names: tuple
    action_names: tuple
    normalisation: Normalisation
    tensors: dict  # by name, all that were in the file

    @property
    def signature(self):
        return self.observation_names, self.action_names

    def base(self):
        """Makes the frozen base again; raises Failure where that isn't the one that was trained on."""
        settings = self.hyperparameters
        inputs, outputs = len(self.observation_names) + 1, len(self.action_names)
        base = base_policy.make(settings["base_seed"], inputs, settings["state_size"], outputs)
        if base.digest != self.base_digest:
            raise Failure(f"{CONFIG} names the base {self.base_digest}, and its seed gives {base.digest}")
        return base

    def adapter(self, base):
        return adapter.checked(self.tensors, base, self.hyperparameters["rank"])

    @property
    def scale(self):
        return self.hyperparameters["lora_alpha"] / self.hyperparameters["rank"]


def write(folder, version, given, metrics):
    """Writes the three files into an empty folder; all are durable when this returns.

    The names come last, metrics.json as the very last. Cut off before, the folder has partial files only, or
    the exit code says that training wasn't done.
    """
    tensors = dict(version.tensors)
    config = {
        "format": FORMAT,
        "framework": "jax",
        "model_type": version.hyperparameters["model_type"],
        "hyperparameters": version.hyperparameters,
        "given": given,
        "base_seed": version.hyperparameters["base_seed"],
        "base_digest": version.base_digest,
        "observation": list(version.observation_names),
        "action": list(version.action_names),
        "observation_clip": CLIP,
        "tensors": {
            name: {"dtype": str(value.dtype), "shape": list(value.shape)} for name, value in tensors.items()
        },
    }
    # safetensors writes metadata in the order of a hash table, another one each time, so there is none.
    contents = {
        TENSORS: safetensors.numpy.save(tensors),
        CONFIG: _json(config),
        METRICS: _json(metrics),
    }
    paths = [os.path.join(os.path.abspath(folder), name) for name in contents]
    try:
        for path, data in zip(paths, contents.values()):
            durable.write_partial(path, data)
        durable.publish(paths)
    except BaseException:
        durable.discard(paths)
        raise


def check_empty(folder):
    """Raises Failure where the folder has files already; what an attempt that was killed left is removed."""
    durable.discard(os.path.join(folder, name) for name in (TENSORS, CONFIG, METRICS))
    if names := sorted(os.listdir(folder)):
        raise Failure(f"OUTPUT_DIR must be empty, and has {names[0]!r}")


def _json(document):
    return (json.dumps(document, indent=2, sort_keys=True, allow_nan=False) + "\n").encode()


def read(folder):
    """Reads a version; raises Failure with a sentence for anything that isn't as `write` leaves it."""
    try:
        config = regular_files.read_json(os.path.join(folder, CONFIG), 16 << 20)
        with regular_files.open_regular(os.path.join(folder, TENSORS)) as file:
            data = file.read(MAXIMUM_TENSOR_BYTES + 1)
    except regular_files.BadFile as error:
        raise Failure(f"this is no version that training can start from: {error}") from None
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise Failure(
            f"this is no version that training can start from: its {CONFIG} isn't of the format {FORMAT}"
        )
    try:
        tensors = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise Failure(f"{TENSORS} can't be read: {error}") from None
    try:
        names = tuple(config["observation"]), tuple(config["action"])
        settings = {
            **config["hyperparameters"],
            "rank": int(config["hyperparameters"]["rank"]),
            "state_size": int(config["hyperparameters"]["state_size"]),
            "lora_alpha": float(config["hyperparameters"]["lora_alpha"]),
            "base_seed": int(config["base_seed"]),
        }
        digest = str(config["base_digest"])
    except (KeyError, TypeError, ValueError) as error:
        raise Failure(f"{CONFIG} lacks what is needed: {error!r}") from None
    if not (0 < settings["rank"] <= 256 and 0 < settings["state_size"] <= 1024 and all(names)):
        raise Failure(f"{CONFIG} has sizes that make no sense")
    return Version(settings, digest, *names, _normalisation(tensors, *map(len, names)), tensors)


def _normalisation(tensors, observations, actions):
    values = []
    for name, size in (
        ("observation.mean", observations),
        ("observation.scale", observations),
        ("action.mean", actions),
        ("action.scale", actions),
    ):
        value = tensors.get(name)
        if (
            value is None
            or value.shape != (size,)
            or value.dtype != np.float64
            or not np.isfinite(value).all()
        ):
            raise Failure(f"{TENSORS} has no tensor {name!r} of {size} finite float64 numbers")
        if name.endswith("scale") and not (value > 0).all():
            raise Failure(f"{TENSORS}: {name} must be above 0")
        values.append(value)
    return Normalisation(*values)


def normalisation_tensors(normalisation):
    return {
        "observation.mean": normalisation.observation_mean,
        "observation.scale": normalisation.observation_scale,
        "action.mean": normalisation.action_mean,
        "action.scale": normalisation.action_scale,
    }
