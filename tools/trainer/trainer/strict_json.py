"""JSON from outside, within limits of size, and without what JSON doesn't have."""

import json
import math

# A parsed value takes some 30 to 100 bytes however short its text is, so the number of values is bounded and
# not only the number of bytes: 64 MiB of "[],[],…" would take gigabytes.
MAXIMUM_FILE_BYTES = 64 << 20
MAXIMUM_VALUES = 4_000_000


class BadJSON(ValueError):
    """The text is no JSON document that is read here; the message says why."""


def parse(data: bytes):
    """Parses one document. Refuses duplicate keys, NaN and infinities, more than MAXIMUM_VALUES values."""
    # Every value but the first follows one of these bytes; those inside strings are counted too, which errs
    # on the safe side.
    if data.count(b",") + data.count(b"[") + data.count(b"{") >= MAXIMUM_VALUES:
        raise BadJSON(f"it has more than {MAXIMUM_VALUES} values")
    try:
        return _decoder.decode(data.decode("utf-8"))
    except BadJSON:
        raise
    except RecursionError:
        raise BadJSON("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise BadJSON("it is not UTF-8") from None
    except ValueError as error:  # json's own error, and integers with thousands of digits
        raise BadJSON(f"it is not JSON: {error}") from None


def _object(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        raise BadJSON("an object has the same key twice")
    return value


def _constant(word):
    raise BadJSON(f"{word} is no JSON")


def _float(text):
    number = float(text)
    if not math.isfinite(number):
        raise BadJSON(f"the number {text[:40]} is out of range")
    return number


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
