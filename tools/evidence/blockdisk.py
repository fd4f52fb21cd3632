"""A real file system on a disk that writes down what it is told, and the disks that a power cut could leave of it.

The disk is `blocklog.c` below a loop device. What was written before the last flush is there after a cut; of what was written
since nothing, everything, or any part is, by sectors of 512 bytes, in any order.
"""
import contextlib
import dataclasses
import os
import pathlib
import struct
import subprocess
import time

SECTOR = 512
# XFS takes no less than 300 MiB.
SIZE = 320 << 20
MAKE = {"ext4": ["mkfs.ext4", "-qF"], "xfs": ["mkfs.xfs", "-qf"], "btrfs": ["mkfs.btrfs", "-qf"]}


def run(*words):
    return subprocess.run([f"{word}" for word in words], check=True, capture_output=True, text=True).stdout.strip()


@contextlib.contextmanager
def mounted(device, folder, kind):
    folder.mkdir(exist_ok=True)
    run("mount", "-t", kind, *(["-o", "loop"] if os.path.isfile(device) else []), device, folder)
    try:
        yield folder
    finally:
        # A process that has just ended may still be let go of by the kernel.
        for wait in (0.1, 0.5, 2, 5, 10, None):
            try:
                run("umount", folder)
                break
            except subprocess.CalledProcessError:
                if wait is None:
                    raise
                time.sleep(wait)
        if kind == "btrfs":
            # It remembers devices, and the next image has the same name inside.
            subprocess.run(["btrfs", "device", "scan", "--forget"], capture_output=True)


class LoggedDisk:
    """A file system of `kind` on a logged disk, at `folder/mnt`; the log is `folder/log`."""

    def __init__(self, blocklog, folder, kind):
        self.blocklog, self.folder, self.kind = blocklog, pathlib.Path(folder), kind
        self.log = self.folder / "log"

    @contextlib.contextmanager
    def mounted(self):
        below = self.folder / "below"
        below.mkdir(parents=True)
        daemon = subprocess.Popen([self.blocklog, f"{SIZE}", f"{self.log}", f"{below}"], stderr=subprocess.PIPE)
        try:
            self._await(daemon, below / "disk")
            device = run("losetup", "--find", "--show", below / "disk")
            try:
                run(*MAKE[self.kind], device)
                with mounted(device, self.folder / "mnt", self.kind) as place:
                    yield place
            finally:
                run("losetup", "--detach", device)
        finally:
            run("umount", "--lazy", below)
            daemon.wait(30)

    def _await(self, daemon, path):
        for _ in range(100):
            if path.exists():
                return
            if daemon.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit(f"error: the logged disk doesn't start: {daemon.stderr.read().decode()}")

    def position(self):
        """How much of the log there is: what is known to be done now was done before."""
        return self.log.stat().st_size


@dataclasses.dataclass(frozen=True)
class Record:
    kind: str
    offset: int
    length: int
    # Where the bytes lie in the log, and where the record ends.
    bytes_at: int
    end: int


def records(log):
    found = []
    with open(log, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        at = 0
        while at + 17 <= size:
            kind, offset, length = struct.unpack("<cQQ", file.read(17))
            kind = kind.decode()
            end = at + 17 + (length if kind == "W" else 0)
            found.append(Record(kind, offset, length, at + 17, end))
            file.seek(end)
            at = end
    return found


class Images:
    """Disks after a cut, made in the order of the log."""

    def __init__(self, log, records_, folder):
        self.log, self.records = open(log, "rb"), records_
        self.base = folder / "durable.img"
        self.base_count = 0
        with open(self.base, "wb") as file:
            file.truncate(SIZE)

    def close(self):
        self.log.close()
        self.base.unlink()

    def cut(self, count, generator, path):
        """Makes the disk after `count` records at `path`; says how. `count` must not go back."""
        flushed = max((i + 1 for i in range(self.base_count, count) if self.records[i].kind == "F"), default=self.base_count)
        with open(self.base, "r+b") as file:
            for record in self.records[self.base_count:flushed]:
                self._apply(file, record, 0, record.length)
        self.base_count = flushed
        run("cp", "--sparse=always", self.base, path)
        pending = [record for record in self.records[flushed:count] if record.kind != "F"]
        way = generator.choice(("nothing", "everything", "any part", "any part"))
        kept = 0
        with open(path, "r+b") as file:
            chance = generator.choice((0.2, 0.5, 0.8))
            for record in pending:
                if way == "nothing" or (way == "any part" and generator.random() > chance):
                    continue
                kept += 1
                begin, end = 0, record.length
                if way == "any part" and generator.random() < 0.2:
                    sectors = max(1, record.length // SECTOR)
                    begin = SECTOR * generator.randrange(sectors)
                    end = min(end, SECTOR * generator.randint(begin // SECTOR, sectors))
                self._apply(file, record, begin, end)
        return f"after {count} requests, {kept} of {len(pending)} unflushed kept"

    def _apply(self, file, record, begin, end):
        if record.kind == "F" or begin >= end:
            return
        if record.kind == "Z":
            data = bytes(end - begin)
        else:
            self.log.seek(record.bytes_at + begin)
            data = self.log.read(end - begin)
        file.seek(record.offset + begin)
        file.write(data)
