"""The trainable part: a low-rank product that is added to each matrix of the frozen base (LoRA).

B + s · B.lora_b B.lora_a       s = lora_alpha / rank
C + s · C.lora_b C.lora_a       lora_a: [rank, columns], lora_b: [rows, rank], float32
D + s · D.lora_b D.lora_a
"""

import numpy as np

from .contract import Failure
from .random_numbers import uniform


def shapes(base, rank):
    """The shape of each factor by its name."""
    result = {}
    for name, matrix in base.matrices.items():
        rows, columns = matrix.shape
        result[f"{name}.lora_a"] = (rank, columns)
        result[f"{name}.lora_b"] = (rows, rank)
    return result


def none(base, rank):
    """The adapter that changes nothing."""
    return {name: np.zeros(shape, np.float32) for name, shape in shapes(base, rank).items()}


def initial(base, rank, seed):
    """What training starts from without a base version: lora_b is zero, and so is the product."""
    adapter = none(base, rank)
    for name, value in adapter.items():
        if name.endswith(".lora_a"):
            bound = np.sqrt(3 / value.shape[1])
            adapter[name] = uniform(seed, name, value.shape, -bound, bound).astype(np.float32)
    return adapter


def checked(tensors, base, rank):
    """The factors among `tensors`; raises Failure where one is missing, misshapen or not finite."""
    adapter = {}
    for name, shape in shapes(base, rank).items():
        if name not in tensors:
            raise Failure(f"the version has no tensor {name!r}")
        value = tensors[name]
        if value.shape != shape or value.dtype != np.float32:
            raise Failure(
                f"the version's {name} is {value.dtype} {list(value.shape)}, "
                f"and its config.json asks for float32 {list(shape)}"
            )
        if not np.isfinite(value).all():
            raise Failure(f"the version's {name} has numbers that are not finite")
        adapter[name] = value
    return adapter
