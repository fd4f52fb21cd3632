"""A directory on a disk that may lose power: what is durable, what is pending, and what is there for programs.

The model (see README.md): a name and the bytes behind it become durable apart from each other. `fsync` of a file
makes its bytes, size and mode durable, not its name; `fsync` of a folder makes the names in it durable. What is not
durable yet may be lost, or be there, in any order; a rename happens whole or not at all.
"""
import dataclasses
import itertools
import os
import stat

BLOCK = 4096


class Inode:
    """A file, folder or symbolic link. `data` and `names` are what programs see now."""

    def __init__(self, number, kind, mode, data=b""):
        self.number, self.kind, self.mode = number, kind, mode
        self.data = bytearray(data)
        self.names = {}


@dataclasses.dataclass
class Change:
    """Something that a power cut may take.

    - `write`: `data` at `offset` of the file `inode`, at most one block; the file grows where it must.
    - `size`: the file `inode` has `size` bytes.
    - `mode`: `inode` has the mode `size`.
    - `names`: each of `names` is (folder, name, inode or None), together.
    """

    kind: str
    inode: int = 0
    offset: int = 0
    data: bytes = b""
    size: int = 0
    names: tuple = ()
    number: int = -1
    # When the call that made it ended; a flush that began later makes it durable.
    ended: int = -1

    def touches(self):
        return {folder for folder, _, _ in self.names} if self.kind == "names" else {self.inode}


class Disk:
    """The folder `root`, as it was when everything was durable, and all changes since."""

    def __init__(self, root):
        self.inodes, self.changes, self.durable = {}, [], set()
        self._numbers = itertools.count(1)
        self._seen = {}
        self.root = self._load(root)
        # The durable beginning; states are made from a copy of it.
        self.base = {n: (i.kind, i.mode, bytes(i.data), dict(i.names)) for n, i in self.inodes.items()}

    def _load(self, path):
        status = os.lstat(path)
        key = (status.st_dev, status.st_ino)
        if key in self._seen:
            return self._seen[key]
        if stat.S_ISDIR(status.st_mode):
            inode = self.make("folder", stat.S_IMODE(status.st_mode))
            inode.names = {name: self._load(os.path.join(path, name)) for name in sorted(os.listdir(path))}
        elif stat.S_ISLNK(status.st_mode):
            inode = self.make("link", 0o777, os.fsencode(os.readlink(path)))
        elif stat.S_ISREG(status.st_mode):
            with open(path, "rb") as file:
                inode = self.make("file", stat.S_IMODE(status.st_mode), file.read())
        else:
            return 0  # A socket is nothing that a disk keeps.
        self._seen[key] = inode.number
        return inode.number

    def make(self, kind, mode, data=b""):
        inode = Inode(next(self._numbers), kind, mode, data)
        self.inodes[inode.number] = inode
        return inode

    def _add(self, change, ended):
        change.number, change.ended = len(self.changes), ended
        self.changes.append(change)

    def born(self, inode):
        """A new inode has its kind, its link's text and its mode from the start: they come with its first name."""
        self.base[inode.number] = (inode.kind, inode.mode, bytes(inode.data), {})

    # MARK: What calls do

    def write(self, inode, offset, data, ended):
        file = self.inodes[inode]
        if len(file.data) < offset + len(data):
            file.data.extend(bytes(offset + len(data) - len(file.data)))
        file.data[offset:offset + len(data)] = data
        while data:
            count = min(len(data), BLOCK - offset % BLOCK)
            self._add(Change("write", inode, offset, bytes(data[:count])), ended)
            offset, data = offset + count, data[count:]

    def resize(self, inode, size, ended):
        file = self.inodes[inode]
        if len(file.data) == size:
            return
        if size < len(file.data):
            del file.data[size:]
        else:
            file.data.extend(bytes(size - len(file.data)))
        self._add(Change("size", inode, size=size), ended)

    def set_mode(self, inode, mode, ended):
        if self.inodes[inode].mode != mode:
            self.inodes[inode].mode = mode
            self._add(Change("mode", inode, size=mode), ended)

    def set_names(self, names, ended):
        for folder, name, inode in names:
            if inode is None:
                self.inodes[folder].names.pop(name, None)
            else:
                self.inodes[folder].names[name] = inode
        self._add(Change("names", names=tuple(names)), ended)

    def covered(self, inode, began):
        """The changes of one inode, or (None) of all, that a flush that began then makes durable."""
        return {change.number for change in self.pending()
                if change.ended < began and (inode is None or inode in change.touches())}

    def path_of(self, inode):
        """A name under which programs see it, from the root; None while it has none."""
        def find(at, path):
            for name, child in self.inodes[at].names.items():
                if child == inode:
                    return f"{path}{name}"
                if child and self.inodes[child].kind == "folder" and (found := find(child, f"{path}{name}/")):
                    return found
            return None
        return "." if inode == self.root else find(self.root, "")

    def name_to_come(self, inode):
        """The first name that it was given at all."""
        named = ((folder, name) for change in self.changes for folder, name, other in change.names if other == inode)
        folder, name = next(named, (None, None))
        return f"{self.path_of(folder) or 'what is gone'}/{name}" if folder else "a new file"

    def parent_of(self, inode):
        """The folder that a folder lies in; None for the root, whose own is outside."""
        return next((number for number, other in self.inodes.items() if inode in other.names.values()), None)

    def pending(self):
        return [change for change in self.changes if change.number not in self.durable]


@dataclasses.dataclass(frozen=True)
class Damage:
    """How a block that was not durable came out: whole up to `keep` bytes, and `rest` says what stands behind that."""

    keep: int
    rest: str  # "old": as it was before; "zeros"; "garbage"


def apply(disk, upto, chosen, damages, noise):
    """The inodes after a power cut: of the first `upto` changes all `durable` ones, and the `chosen` of the others.

    `damages` maps a change's number to a ``Damage``; `noise(count)` gives garbage.
    """
    inodes = {}
    for number, (kind, mode, data, names) in disk.base.items():
        inodes[number] = [kind, mode, data, names]
    for change in disk.changes[:upto]:
        if change.number not in chosen:
            continue
        entry = inodes[change.inode] if change.inode else None
        if change.kind == "names":
            for folder, name, inode in change.names:
                if inode and inodes[inode][0] == "folder":
                    leave(inodes, inode)
                names = dict(inodes[folder][3])
                if inode is None:
                    names.pop(name, None)
                else:
                    names[name] = inode
                inodes[folder][3] = names
        elif change.kind == "mode":
            entry[1] = change.size
        elif change.kind == "size":
            entry[2] = entry[2][:change.size].ljust(change.size, b"\0")
        else:
            entry[2] = written(entry[2], change, damages.get(change.number), noise)
    return inodes


def leave(inodes, folder):
    """A folder has one name: where an earlier rename of it was lost and a later one wasn't, it still has the name before both."""
    for entry in inodes.values():
        if folder in entry[3].values():
            entry[3] = {name: inode for name, inode in entry[3].items() if inode != folder}


def written(old, change, damage, noise):
    data = change.data
    end = change.offset + len(data)
    before = old[change.offset:end].ljust(len(data), b"\0")
    if damage:
        rest = {"old": before[damage.keep:], "zeros": bytes(len(data) - damage.keep)}.get(damage.rest)
        data = data[:damage.keep] + (noise(len(data) - damage.keep) if rest is None else rest)
    return old[:change.offset].ljust(change.offset, b"\0") + data + old[end:]
