"""What a real command did to a folder, call by call, and can be played again."""
import dataclasses
import os
import signal

import bench
import states
import trace
from disk import Disk
from replay import Replay


@dataclasses.dataclass(frozen=True)
class Kill:
    """A flush that a command is killed in place of: one of its own, or one of the index, which SQLite makes."""

    number: int
    of_index: bool = False

    @property
    def fault(self):
        return None if self.of_index else f"killsync:{self.number}"

    @property
    def inject(self):
        return f"fdatasync:signal=KILL:when={self.number}" if self.of_index else None

    def __str__(self):
        return f"flush {self.number}{' of the index' if self.of_index else ''}"


class NotExplained(Exception):
    """There is something that the record doesn't tell of: a kill may meet a call that is made all the same, without its end."""


class NotKilled(Exception):
    """The command ended before it; threads may save it a flush."""


class Recording:
    """A command that was run on `folder`; `old` has a copy of what was there before.

    Others may come first, each to be killed at a ``Kill`` and leave what isn't durable (`killed`: words and kills), and `then` words
    of the system, to leave more.
    """

    def __init__(self, program, folder, command, fault=None, killed=(), then=()):
        self.program, self.folder, self.old = program, folder, self.old_of(folder)
        bench.copy(folder, self.old)
        self.before, self.halfway = [], []
        for earlier, kill in killed:
            self.before.append(self._run(program.words(folder, earlier), kill.fault, kill.inject))
            if self.exit != -signal.SIGKILL:
                raise NotKilled(f"{' '.join(earlier)} wasn't killed at {kill}: {self.exit}")
            self.check(self._played_before())
        if then:
            self.before.append(self._run([word.format(base=folder) for word in then]))
        self.calls = self._run(program.words(folder, command), fault)

    @staticmethod
    def old_of(folder):
        return folder.with_name(f"{folder.name}-old")

    def _run(self, words, fault=None, inject=None):
        environment = self.program.environment | ({"MODELCTL_FAULT": fault} if fault else {})
        path = f"{self.folder}.trace"
        self.exit, _, self.stderr = trace.record(words, path, environment, inject=inject)
        try:
            # After everything that came before.
            latest = max((call.ended for calls in self.before for call in calls), default=-1) + 1
            return [dataclasses.replace(call, began=call.began + latest, ended=call.ended + latest)
                    for call in trace.calls(path)]
        finally:
            os.unlink(path)

    def played(self, omit=()):
        """The disk with all changes, and the replay with its points; all of it without the flushes `omit`.

        The points are the command's; what came before it has none, and its flushes aren't counted.
        """
        disk = self._played_before()
        replay = Replay(disk, self.folder, omit)
        begin = len(disk.changes), frozenset(disk.durable)
        replay.play(self.calls)
        replay.points.insert(0, begin)
        return disk, replay

    def _played_before(self):
        disk = Disk(self.old)
        for calls in self.before:
            Replay(disk, self.folder).play(calls)
        return disk

    def check(self, disk):
        """What the model says that programs see must be what is there, or the model missed a call."""
        left = listing(states.State(disk, len(disk.changes), set(range(len(disk.changes))), {}, ""))
        right = listing(states.State(Disk(self.folder), 0, set(), {}, ""))
        if left != right:
            different = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
            raise NotExplained(f"the record doesn't explain {different[:5]}")


def listing(state):
    """Paths with what is there, without what no disk keeps or nobody needs: the log's shared memory."""
    found = {}

    def walk(number, path):
        kind, mode, data, names = state.inodes[number]
        if path.endswith("-shm"):
            return
        found[path] = (kind, mode if kind == "file" else 0, bytes(data))
        for name, inode in names.items():
            if inode:
                walk(inode, f"{path}/{name}")

    walk(state.root, "")
    return found


def content(folder):
    """Paths with what is there, without the index's own files: it may write its log into itself whenever it likes."""
    every = listing(states.State(Disk(folder), 0, set(), {}, ""))
    return {path: what for path, what in every.items() if not path.rsplit("/", 1)[-1].startswith(("registry.db", "flushed"))}
