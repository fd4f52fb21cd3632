"""The calls of a record, played on a ``Disk``: what each of them changed below its root."""
import os
import re

from trace import NotUnderstood

INDEX = re.compile(r"(registry|index)\.db[^/]*$")
PROC = re.compile(rb"^/proc/(?:self|thread-self|\d+)/fd/(\d+)$")


class Open:
    """An open file below the root, or (inode None) anywhere else; whether it was opened as a folder."""

    def __init__(self, inode, appends=False, is_folder=False):
        self.inode, self.offset, self.appends, self.is_folder = inode, 0, appends, is_folder


OUTSIDE = Open(None)


class Replay:
    """Plays calls, but for the flushes whose numbers are in `omit`."""

    def __init__(self, disk, root, omit=()):
        self.disk, self.root = disk, os.fsencode(os.path.realpath(root))
        self.files = {}
        # Where each call that mattered left the disk: (number of changes, what was durable then).
        self.points = []
        # DurableFiles' own flushes: (what was flushed, the changes that it made durable or would have).
        self.flushes, self.omit = [], omit
        # The same, with the inode; the label is empty where it had no name at that moment.
        self.unnamed = []

    def play(self, calls):
        # A file descriptor is free again when `close` begins, and taken when `open` has ended.
        events = []
        for call in calls:
            if call.name in ("close", "close_range"):
                events.append((call.began, 0, call))
            else:
                events.append((call.ended, 1, call))
        for _, _, call in sorted(events, key=lambda event: event[:2]):
            handle = getattr(self, f"do_{call.name}", None)
            if handle is None:
                raise NotUnderstood(f"{call.name}{call.arguments}")
            before = len(self.disk.changes), len(self.disk.durable)
            handle(call)
            if before != (len(self.disk.changes), len(self.disk.durable)):
                self.points.append((len(self.disk.changes), frozenset(self.disk.durable)))
        self.flushes = [(label or f"{self.disk.name_to_come(inode)}, not named yet", covered)
                        for label, inode, covered in self.unnamed]

    # MARK: Names

    def file(self, word):
        """What a descriptor's number stands for."""
        return self.files.get(int(word), OUTSIDE)

    def folder(self, word):
        return None if word == "AT_FDCWD" else self.file(word).inode

    def place(self, dirfd, path):
        """The folder's inode and the last name of a path; (None, None) outside of the root."""
        if path.startswith(b"/"):
            if path != self.root and not path.startswith(self.root + b"/"):
                return None, None
            at, parts = self.disk.root, path[len(self.root):].split(b"/")
        else:
            at, parts = self.folder(dirfd), path.split(b"/")
            if at is None:
                return None, None
        parts = [part for part in parts if part not in (b"", b".")]
        for part in parts[:-1]:
            at = self.walk(at, part)
            if at is None:
                return None, None
        return at, os.fsdecode(parts[-1]) if parts else ""

    def walk(self, at, part):
        if part == b"..":
            raise NotUnderstood("a path with ..")
        inode = self.disk.inodes[at].names.get(os.fsdecode(part))
        if inode is not None and self.disk.inodes[inode].kind == "link":
            text = bytes(self.disk.inodes[inode].data)
            if at != self.disk.root:
                raise NotUnderstood("a link inside a path, not in the root")
            for step in text.split(b"/"):
                at = self.walk(at, step)
            return at
        return inode

    def find(self, dirfd, path, follow=True):
        folder, name = self.place(dirfd, path)
        if folder is None:
            return None
        if not name:
            return folder
        if name == "..":
            return self.disk.parent_of(folder)
        inode = self.disk.inodes[folder].names.get(name)
        if follow and inode is not None and self.disk.inodes[inode].kind == "link":
            return self.walk(folder, os.fsencode(name))
        return inode

    # MARK: Descriptors

    def opened(self, call, dirfd, path, flags, mode):
        flags = set(re.findall(r"[A-Z_]+", flags))
        inode = self.find(dirfd, path, "O_NOFOLLOW" not in flags)
        if "O_TMPFILE" in flags:
            if inode is not None:
                inode = self.disk.make("file", mode & ~0o022)
                self.disk.born(inode)
                inode = inode.number
        elif inode is None and "O_CREAT" in flags:
            folder, name = self.place(dirfd, path)
            if folder is not None:
                made = self.disk.make("file", mode & ~0o022)
                self.disk.born(made)
                self.disk.set_names([(folder, name, made.number)], call.ended)
                inode = made.number
        if inode is not None and "O_TRUNC" in flags:
            self.disk.resize(inode, 0, call.ended)
        self.files[call.result] = Open(inode, "O_APPEND" in flags, "O_DIRECTORY" in flags)

    def do_openat(self, call):
        dirfd, path, flags, *mode = call.arguments
        self.opened(call, dirfd, path, flags, int(mode[0], 8) if mode else 0)

    def do_open(self, call):
        path, flags, *mode = call.arguments
        self.opened(call, "AT_FDCWD", path, flags, int(mode[0], 8) if mode else 0)

    def do_openat2(self, call):
        dirfd, path, how, _ = call.arguments
        flags = re.search(r"flags=([A-Z_|]+)", how)[1]
        mode = re.search(r"mode=(0\d+)", how)
        self.opened(call, dirfd, path, flags, int(mode[1], 8) if mode else 0)

    def do_close(self, call):
        self.files.pop(int(call.arguments[0]), None)

    def do_close_range(self, call):
        first, last = int(call.arguments[0]), int(call.arguments[1], 0)
        for number in [number for number in self.files if first <= number <= last]:
            del self.files[number]

    def do_dup(self, call):
        self.files[call.result] = self.file(call.arguments[0])

    do_dup2 = do_dup3 = do_dup

    def do_fcntl(self, call):
        if call.arguments[1].startswith("F_DUPFD"):
            self.do_dup(call)

    def nothing(self, call):
        pass

    do_clone = do_clone3 = nothing

    def do_execve(self, call):
        self.files.clear()

    def do_read(self, call):
        self.file(call.arguments[0]).offset += call.result

    def do_lseek(self, call):
        self.file(call.arguments[0]).offset = call.result

    # MARK: Bytes

    def put(self, file, offset, data, call):
        if file.inode is not None:
            self.disk.write(file.inode, offset, data, call.ended)

    def do_write(self, call):
        file = self.file(call.arguments[0])
        if file.inode is None:
            return
        if file.appends:
            file.offset = len(self.disk.inodes[file.inode].data)
        self.put(file, file.offset, call.arguments[1][:call.result], call)
        file.offset += call.result

    def do_pwrite64(self, call):
        self.put(self.file(call.arguments[0]), int(call.arguments[3]), call.arguments[1][:call.result], call)

    def do_writev(self, call):
        if self.file(call.arguments[0]).inode is not None:
            raise NotUnderstood("writev below the root")

    do_pwritev = do_writev

    def do_ftruncate(self, call):
        file = self.file(call.arguments[0])
        if file.inode is not None:
            self.disk.resize(file.inode, int(call.arguments[1]), call.ended)

    def do_fallocate(self, call):
        file = self.file(call.arguments[0])
        if file.inode is None:
            return
        _, mode, offset, count = call.arguments
        if mode == "0":
            size = max(len(self.disk.inodes[file.inode].data), int(offset) + int(count))
            self.disk.resize(file.inode, size, call.ended)
        elif "FALLOC_FL_KEEP_SIZE" not in mode or "PUNCH" in mode:
            raise NotUnderstood(f"fallocate {mode}")

    def do_copy_file_range(self, call):
        source, from_, target, to, _, _ = call.arguments
        target, source = self.file(target), self.file(source)
        if target.inode is None:
            return
        raise NotUnderstood("copy_file_range below the root")

    do_sendfile = do_splice = do_copy_file_range

    def do_ioctl(self, call):
        if call.arguments[1].startswith(("FICLONE", "BTRFS_IOC_CLONE")) and self.file(call.arguments[0]).inode:
            raise NotUnderstood("a reflink below the root")

    # MARK: Names that change

    def do_renameat2(self, call):
        from_, old, to, new, *flags = call.arguments
        if flags and "RENAME_EXCHANGE" in flags[0]:
            raise NotUnderstood("an exchange")
        self.rename(call, self.place(from_, old), self.place(to, new))

    do_renameat = do_renameat2

    def do_rename(self, call):
        old, new = call.arguments
        self.rename(call, self.place("AT_FDCWD", old), self.place("AT_FDCWD", new))

    def rename(self, call, old, new):
        if old[0] is None and new[0] is None:
            return
        if old[0] is None or new[0] is None:
            raise NotUnderstood("a rename across the root")
        inode = self.disk.inodes[old[0]].names[old[1]]
        if self.disk.inodes[new[0]].names.get(new[1]) == inode:
            return
        self.disk.set_names([(*old, None), (*new, inode)], call.ended)

    def do_linkat(self, call):
        from_, old, to, new, flags = call.arguments
        folder, name = self.place(to, new)
        if folder is None:
            return
        if not old:
            inode = self.file(from_).inode
        elif descriptor := PROC.match(old):
            inode = self.file(descriptor[1]).inode
        else:
            inode = self.find(from_, old, "AT_SYMLINK_FOLLOW" in flags)
        if inode is None:
            raise NotUnderstood("a link across the root")
        self.disk.set_names([(folder, name, inode)], call.ended)

    def do_symlinkat(self, call):
        text, to, path = call.arguments
        folder, name = self.place(to, path)
        if folder is not None:
            link = self.disk.make("link", 0o777, text)
            self.disk.born(link)
            self.disk.set_names([(folder, name, link.number)], call.ended)

    def do_symlink(self, call):
        text, path = call.arguments
        call.arguments[:] = [text, "AT_FDCWD", path]
        self.do_symlinkat(call)

    def do_mkdirat(self, call):
        dirfd, path, mode = call.arguments
        folder, name = self.place(dirfd, path)
        if folder is not None:
            made = self.disk.make("folder", int(mode, 8) & ~0o022)
            self.disk.born(made)
            self.disk.set_names([(folder, name, made.number)], call.ended)

    def do_mkdir(self, call):
        call.arguments[:] = ["AT_FDCWD", *call.arguments]
        self.do_mkdirat(call)

    def do_unlinkat(self, call):
        folder, name = self.place(*call.arguments[:2])
        if folder is not None:
            self.disk.set_names([(folder, name, None)], call.ended)

    def do_unlink(self, call):
        folder, name = self.place("AT_FDCWD", call.arguments[0])
        if folder is not None:
            self.disk.set_names([(folder, name, None)], call.ended)

    do_rmdir = do_unlink

    def do_fchmod(self, call):
        file = self.file(call.arguments[0])
        if file.inode is not None:
            self.disk.set_mode(file.inode, int(call.arguments[1], 8), call.ended)

    def do_fchmodat(self, call):
        inode = self.find(*call.arguments[:2])
        if inode is not None:
            self.disk.set_mode(inode, int(call.arguments[2], 8), call.ended)

    def do_chmod(self, call):
        inode = self.find("AT_FDCWD", call.arguments[0])
        if inode is not None:
            self.disk.set_mode(inode, int(call.arguments[1], 8), call.ended)

    # MARK: Flushes

    def flush(self, label, inode, call, is_own=True):
        """One flush, or none where it is the one to be omitted; only DurableFiles' own are counted."""
        covered = self.disk.covered(inode, call.began)
        if is_own:
            self.unnamed.append((label, inode, covered))
        if not (is_own and len(self.unnamed) in self.omit):
            self.disk.durable |= covered

    def do_fsync(self, call):
        file = self.file(call.arguments[0])
        if file.inode is None:
            return
        label = self.disk.path_of(file.inode) or ""
        # SQLite flushes its own files, and its folder, which it opens as if that were a file.
        is_own = file.is_folder if self.disk.inodes[file.inode].kind == "folder" else not INDEX.search(label)
        self.flush(label, file.inode, call, is_own)

    do_fdatasync = do_fsync

    def do_syncfs(self, call):
        # The whole file system, wherever the descriptor lies on it.
        self.flush("the file system", None, call)

    do_sync = do_syncfs

    do_sync_file_range = nothing
