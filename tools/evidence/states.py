"""The directories that a power cut may leave, from a record's changes.

At each point of a record everything that is durable there is kept; of what is pending nothing, everything, each prefix,
each change alone, all but one, and as many random choices as are asked for. A chosen block that wasn't durable may be torn
or hold garbage.
"""
import dataclasses
import functools
import hashlib
import os
import random

from disk import Damage, apply


def plans(disk, points, generator, random_per_point):
    """What to keep at each point: (changes so far, chosen, damages, words), the obvious ones first."""
    rounds = [[] for _ in range(4)]
    for upto, durable in points:
        pending = [change for change in disk.changes[:upto] if change.number not in durable]
        numbers = [change.number for change in pending]
        rounds[0].append((upto, durable, {}, "nothing pending"))
        rounds[0].append((upto, durable | set(numbers), {}, "all pending"))
        # A prefix that ends earlier is the state of an earlier point, unless a flush reordered them.
        for count in range(1, len(numbers)):
            rounds[1].append((upto, durable | set(numbers[:count]), {}, f"the first {count} pending"))
        for number in numbers:
            rounds[2].append((upto, durable | {number}, {}, f"change {number} alone"))
            rounds[2].append((upto, durable | set(numbers) - {number}, {}, f"all but change {number}"))
        writes = [change for change in pending if change.kind == "write"]
        for change in writes[-1:]:
            for words, damage in torn(change):
                rounds[2].append((upto, durable | set(numbers), {change.number: damage}, f"change {change.number} {words}"))
        for _ in range(random_per_point if numbers else 0):
            rounds[3].append((upto, *lottery(durable, pending, generator)))
    return rounds


# What the plans of each round keep.
KINDS = ("nothing or all", "a prefix", "one change", "random")


def mixed(rounds):
    """The plans of all rounds: the end first, where everything was acknowledged; then in turns, twice as often the obvious."""
    end = max(plan[0] for plan in rounds[0])
    yield from ((*plan, KINDS[0]) for plan in rounds[0] if plan[0] == end)
    every = list(zip(map(iter, rounds), KINDS))
    turns = [every[0], *every]
    while turns:
        for turn in tuple(turns):
            if (plan := next(turn[0], None)) is not None:
                yield (*plan, turn[1])
            elif turn in turns:
                turns.remove(turn)


def without(disk, points, covered):
    """What a flush that was left out would have prevented: what it `covered` is lost, and what came after isn't."""
    for upto, durable in points:
        missing = [number for number in covered if number < upto and number not in durable]
        if not missing:
            continue
        pending = {change.number for change in disk.changes[:upto]} - durable
        lost = set(missing)
        yield upto, durable | (pending - lost), {}, "all but what the flush was for"
        yield upto, durable, {}, "nothing pending"
        for number in missing if len(missing) > 1 else ():
            yield upto, durable | (pending - {number}), {}, f"all but change {number}"
            yield upto, durable | (pending - lost) | {number}, {}, f"change {number}, of what the flush was for"


def torn(change):
    """A block written in part, by sectors and at its middle, and one whose size is there and its bytes aren't."""
    size = len(change.data)
    for keep in {512, size // 1024 * 512, size - 1} & set(range(1, size)):
        for rest in ("old", "zeros", "garbage"):
            yield f"torn after {keep} bytes, then {rest}", Damage(keep, rest)
    for rest in ("zeros", "garbage"):
        yield f"of {rest}", Damage(0, rest)


def lottery(durable, pending, generator):
    chance = generator.choice((0.2, 0.5, 0.8))
    kept = [change for change in pending if generator.random() < chance]
    damages = {}
    for change in kept:
        if change.kind == "write" and generator.random() < 0.15:
            keep = generator.choice((0, 512 * generator.randrange(1 + len(change.data) // 512)))
            damages[change.number] = Damage(min(keep, len(change.data)), generator.choice(("old", "zeros", "garbage")))
    words = f"changes {sorted(change.number for change in kept)}" + (f", damaged {damages}" if damages else "")
    return durable | {change.number for change in kept}, damages, words


LARGE = 1 << 20


@functools.lru_cache(maxsize=64)
def digest_of(data):
    return hashlib.blake2b(data, digest_size=16).digest()


class State:
    """One directory, as inodes; `key` is equal for equal directories."""

    def __init__(self, disk, upto, chosen, damages, seed):
        noise = random.Random(f"{seed} {upto} {sorted(chosen)}").randbytes
        self.root, self.inodes = disk.root, apply(disk, upto, chosen, damages, noise)
        self.key = self._key(self.root, {})

    def _key(self, number, seen):
        """Of what hangs below: names, kinds, bytes, modes and which names share an inode."""
        if number in seen:
            return b"again %d" % seen[number]
        seen[number] = len(seen)
        kind, mode, data, names = self.inodes[number]
        digest = hashlib.blake2b(f"{kind} {mode:o} ".encode(), digest_size=16)
        digest.update(digest_of(data) if len(data) > LARGE else data)
        for name in sorted(names):
            # A note that saves a flush; states that differ in nothing else are the same.
            if name == "flushed":
                continue
            digest.update(os.fsencode(name) + b"\0" + self._key(names[name], seen) if names[name] else b"")
        return digest.digest()

    def make(self, path):
        self._make(self.root, path, {})

    def _make(self, number, path, seen):
        kind, mode, data, names = self.inodes[number]
        if number in seen:
            os.link(seen[number], path, follow_symlinks=False)
            return
        seen[number] = path
        if kind == "link":
            os.symlink(data, path)
        elif kind == "folder":
            os.mkdir(path, 0o755)
            for name, inode in names.items():
                if inode:
                    self._make(inode, f"{path}/{name}", seen)
            os.chmod(path, mode)
        else:
            fill(path, data)
            os.chmod(path, mode)


@dataclasses.dataclass
class Cut:
    """A state, and how it came about; `is_over` where everything that was acknowledged must be there."""

    state: State
    is_over: bool
    words: str
    kind: str
    # Its place among those of one record, from 0.
    place: int


def fill(path, data):
    with open(path, "wb") as file:
        # The reserve is 8 MiB of zeros; a hole reads the same.
        if len(data) > LARGE and data == bytes(len(data)):
            file.truncate(len(data))
        else:
            file.write(data)
