"""Reads a folder of episodes: flat files `ID.json` and folders `ID/`, in any mixture."""

import os

from . import regular_files, strict_json
from .contract import Failure
from .episode import BadEpisode, EpisodeBuilder
from .regular_files import BadFile

MAXIMUM_LINE_BYTES = 8 << 20
MAXIMUM_STEP_FILES = 65_536
MAXIMUM_EPISODES = 1_000_000
MAXIMUM_NUMBERS = 128 << 20  # in all episodes; 1 GiB in memory


def read_all(folder):
    """Returns (episodes in the order of their ids, [(id, reason)] of those that were left out).

    Nothing outside `folder` is read: links are refused. What isn't named like an episode (hidden files, other
    extensions) is passed over in silence. Raises OSError where the machine fails, Failure where it is all too
    much.
    """
    episodes, left_out, taken = [], [], set()
    numbers = 0
    for entry in _sorted_entries(folder, MAXIMUM_EPISODES):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            id, read = entry.name, _read_folder
        elif entry.name.endswith(".json"):
            id, read = entry.name[: -len(".json")], _read_flat
        else:
            continue
        try:
            if id in taken:
                raise BadEpisode("there are a file and a folder with this id, and only the first is used")
            episode = read(id, entry.path)
            taken.add(id)
            numbers += episode.observations.size + episode.actions.size
            if numbers > MAXIMUM_NUMBERS:
                raise Failure(
                    f"the episodes have more than {MAXIMUM_NUMBERS} numbers; train on fewer at once"
                )
            episodes.append(episode)
        except (BadEpisode, BadFile) as error:
            left_out.append((id, str(error)))
    episodes.sort(key=lambda episode: os.fsencode(episode.id))
    return episodes, left_out


def _read_flat(id, path):
    """`{"metadata": {…}, "steps": […]}`"""
    document = regular_files.read_json(path)
    if not isinstance(document, dict):
        raise BadEpisode("it is no object")
    if not isinstance(document.get("metadata", {}), dict):
        raise BadEpisode("its metadata is no object")
    if not isinstance(document.get("steps"), list):
        raise BadEpisode("it has no list of steps")
    builder = EpisodeBuilder(id)
    for step in document["steps"]:
        builder.add(step)
    return builder.finish()


def _read_folder(id, path):
    """`metadata.json` or `episode.json`, and `steps/*.jsonl` in bytewise order of their names, one step a
    line.

    Pictures (`step_*_rgb.npy`) and `blobs/` may lie beside them; this policy doesn't open them.
    """
    for name in ("metadata.json", "episode.json"):
        if os.path.lexists(os.path.join(path, name)):
            if not isinstance(regular_files.read_json(os.path.join(path, name)), dict):
                raise BadEpisode(f"{name} is no object")
            break
    else:
        raise BadEpisode("it has neither metadata.json nor episode.json")
    steps = os.path.join(path, "steps")
    if os.path.islink(steps) or not os.path.isdir(steps):
        raise BadEpisode("it has no folder 'steps'")
    builder = EpisodeBuilder(id)
    for entry in _sorted_entries(steps, MAXIMUM_STEP_FILES):
        if entry.name.startswith(".") or not entry.name.endswith(".jsonl"):
            continue
        for number, line in regular_files.lines(entry.path, MAXIMUM_LINE_BYTES):
            try:
                builder.add(strict_json.parse(line))
            except (strict_json.BadJSON, BadEpisode) as error:
                raise BadEpisode(f"{entry.name!r}, line {number}: {error}") from None
    return builder.finish()


def _sorted_entries(folder, maximum):
    """A folder's entries in bytewise order of their names, as a file system gives them in any."""
    entries = []
    try:
        scan = os.scandir(folder)
    except PermissionError:
        raise BadFile(f"{regular_files.name_of(folder)} can't be listed") from None
    with scan:
        for entry in scan:
            if len(entries) == maximum:
                raise BadFile(f"{regular_files.name_of(folder)} has more than {maximum} entries")
            entries.append(entry)
    return sorted(entries, key=lambda entry: os.fsencode(entry.name))
