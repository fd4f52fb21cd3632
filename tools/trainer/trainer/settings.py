"""The file that CONFIG names, read into values that make sense."""

import math
from dataclasses import dataclass, field

from . import regular_files
from .contract import Failure

MAXIMUM_CONFIG_BYTES = 1 << 20
# With it rates from 0.0001 (in a few hundred steps) to 0.1 learn; with 16, usual for large models, small
# rates hardly move.
LORA_ALPHA = 128.0


@dataclass(frozen=True)
class Settings:
    """Hyperparameters. `given` is the document as it came, unknown keys included."""

    model_type: str
    epochs: int
    batch_size: int  # episodes in a step
    learning_rate: float  # the highest, after the warm-up
    seed: int
    rank: int
    lora_alpha: float  # an adapter's product is scaled by lora_alpha / rank
    state_size: int
    base_seed: int
    heldout_fraction: float
    given: dict = field(compare=False)

    @classmethod
    def read(cls, path):
        """Reads the file; raises Failure with a sentence for what is missing or makes no sense."""
        try:
            document = regular_files.read_json(path, MAXIMUM_CONFIG_BYTES)
        except regular_files.BadFile as error:
            raise Failure(f"CONFIG can't be read: {error}") from None
        return cls.from_document(document)

    @classmethod
    def from_document(cls, document, inherited=None):
        """Makes settings of a document; what it leaves out comes from `inherited`, then from the defaults."""
        if not isinstance(document, dict):
            raise Failure("CONFIG must be a JSON object")
        values = _Values(document, inherited or {})
        model_type = values.text("model_type", "wavecore")
        return cls(
            model_type=model_type,
            epochs=values.integer("epochs", None, 1, 1_000_000),
            batch_size=values.integer("batch_size", None, 1, 65_536),
            learning_rate=values.number("learning_rate", None, 0.0, math.inf),
            seed=values.integer("seed", 0, -(2**63), 2**64 - 1),
            rank=values.integer("rank", 8, 1, 256),
            lora_alpha=values.number("lora_alpha", LORA_ALPHA, 0.0, 1e6),
            state_size=values.integer("state_size", 32, 2, 1024, multiple_of=2),
            base_seed=values.integer("base_seed", 0, -(2**63), 2**64 - 1),
            heldout_fraction=values.number("heldout_fraction", 0.2, 0.0, 0.9),
            given=document,
        )

    def with_base(self, inherited):
        """The same settings over a base version, whose values stand where this document is silent."""
        return Settings.from_document(self.given, inherited)

    def document(self):
        """The values in use, for config.json."""
        names = [name for name in self.__dataclass_fields__ if name != "given"]
        return {name: getattr(self, name) for name in names}


class _Values:
    """Typed reads from a document; each error names the key, the value and what would be right."""

    def __init__(self, document, inherited):
        self.document = {**inherited, **document}

    def _get(self, key, default):
        value = self.document.get(key, default)
        if value is None:
            raise Failure(f"CONFIG has no {key!r}")
        return value

    def text(self, key, default):
        value = self._get(key, default)
        if not isinstance(value, str) or len(value) > 256:
            raise Failure(f"{key!r} in CONFIG must be a string of at most 256 characters")
        return value

    def integer(self, key, default, lowest, highest, multiple_of=1):
        value = self._get(key, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # JSON has one kind of number: 100.0 is 100
        good = isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest
        if not good or value % multiple_of:
            even = "" if multiple_of == 1 else f", a multiple of {multiple_of}"
            raise Failure(
                f"{key!r} in CONFIG must be an integer from {lowest} to {highest}{even}, not {value!r:.80}"
            )
        return value

    def number(self, key, default, above, highest):
        value = self._get(key, default)
        good = isinstance(value, (int, float)) and not isinstance(value, bool) and above < value <= highest
        if not good:
            limit = "" if highest == math.inf else f" and at most {highest:g}"
            raise Failure(f"{key!r} in CONFIG must be a number above {above:g}{limit}, not {value!r:.80}")
        return float(value)
