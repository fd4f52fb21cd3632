"""Observations and actions as vectors: numbers in a fixed order, each with a name."""

# More than this is a picture, which this policy doesn't look at.
MAXIMUM_FEATURES = 4096
MAXIMUM_DEPTH = 16
# Times in nanoseconds are smaller; the square of this is still a float64, which normalising needs.
LARGEST = 1e30


class BadFeatures(ValueError):
    """The value has no vector; the message says why."""


def flatten(value, skip_other):
    """Returns (names, numbers) of a number, a list, or an object, nested too; keys are taken in sorted order.

    A name is the way to the number, `joint.position[2]`. True and False count as 1 and 0. Strings and nulls
    are left out with `skip_other` (an instruction, a sensor that isn't there) and are an error without.
    """
    names, numbers = [], []
    _append(value, "", 0, skip_other, names, numbers)
    if len(set(names)) != len(names):
        raise BadFeatures("two numbers have the same name")
    return tuple(names), numbers


def _append(value, name, depth, skip_other, names, numbers):
    if isinstance(value, (bool, int, float)):
        if len(numbers) == MAXIMUM_FEATURES:
            raise BadFeatures(f"there are more than {MAXIMUM_FEATURES} numbers")
        if not -LARGEST <= value <= LARGEST:
            raise BadFeatures(f"{name or 'the number'} is beyond {LARGEST:g}")
        names.append(name)
        numbers.append(float(value))
    elif isinstance(value, (list, dict)):
        if depth == MAXIMUM_DEPTH:
            raise BadFeatures(f"it is nested deeper than {MAXIMUM_DEPTH}")
        if isinstance(value, list):
            parts = ((f"{name}[{index}]", part) for index, part in enumerate(value))
        else:
            parts = ((f"{name}.{key}" if name else key, value[key]) for key in sorted(value))
        for part_name, part in parts:
            _append(part, part_name, depth + 1, skip_other, names, numbers)
    elif not skip_other:
        kind = "null" if value is None else "a string"
        raise BadFeatures(f"{name or 'the value'} is {kind}")
