"""What the worker and the trainer have agreed on: variables of the environment and exit codes."""

import os
import pathlib
from dataclasses import dataclass

DONE = 0
FAILED = 1
UNUSABLE_EPISODES = 65  # sysexits' EX_DATAERR
# Being stopped has the code that a shell shows for the signal: 128 and its number.
STOPPED_BY_SIGNAL = 128


class Failure(Exception):
    """Training can't be done; the message is the sentence that goes to stderr."""

    exit_code = FAILED


class UnusableEpisodes(Failure):
    """There is no episode to learn from; a second try with the same archive would end alike."""

    exit_code = UNUSABLE_EPISODES


@dataclass(frozen=True)
class Environment:
    """The folders and files that the worker names in the environment."""

    episodes: pathlib.Path
    base: pathlib.Path | None
    output: pathlib.Path
    config: pathlib.Path
    checkpoints: pathlib.Path | None
    checkpoint_seconds: float

    @classmethod
    def read(cls, variables=None):
        """Reads the variables; an optional one that is empty counts as unset.

        Raises Failure where a required one is missing or names nothing of the right kind.
        """
        variables = os.environ if variables is None else variables

        def optional(name):
            text = variables.get(name, "")
            return pathlib.Path(text) if text else None

        def required(name, kind, exists):
            path = optional(name)
            if path is None:
                raise Failure(f"{name} is not set; it must name {kind}")
            if not exists(path):
                raise Failure(f"{name} must name {kind}, and {str(path)!r} is none")
            return path

        base = optional("BASE_DIR")
        if base is not None and not base.is_dir():
            raise Failure(f"BASE_DIR must name a folder, and {str(base)!r} is none")
        return cls(
            episodes=required("EPISODES_DIR", "a folder", pathlib.Path.is_dir),
            base=base,
            output=required("OUTPUT_DIR", "a folder", pathlib.Path.is_dir),
            config=required("CONFIG", "a file", pathlib.Path.is_file),
            checkpoints=optional("CHECKPOINT_DIR"),
            checkpoint_seconds=_seconds(variables.get("CHECKPOINT_SECONDS", "") or "30"),
        )


def _seconds(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e9:
        raise Failure(f"CHECKPOINT_SECONDS must be a number of seconds, not {text!r}")
    return seconds
