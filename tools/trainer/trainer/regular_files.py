"""Opening files of people and archives that we don't trust."""

import errno
import os
import stat

from . import strict_json

# Said of one file; anything else that opening can say (an I/O error, no memory, too many open files) is said
# of the machine, and mustn't make training go on with fewer episodes than it was given.
_ERRORS_OF_THE_FILE = {errno.ENOENT, errno.EACCES, errno.ELOOP, errno.ENXIO, errno.ENOTDIR, errno.EISDIR}


class BadFile(ValueError):
    """The file is none that is read here; the message says why."""


def open_regular(path):
    """Opens a regular file for reading bytes.

    A symbolic link is refused, since it leads out of the archive; so is a pipe or a device, which would block
    the trainer or never end.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in _ERRORS_OF_THE_FILE:
            raise
        raise BadFile(f"{name_of(path)} can't be opened: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BadFile(f"{name_of(path)} is no regular file")
    return os.fdopen(descriptor, "rb")


def read_json(path, maximum_bytes=strict_json.MAXIMUM_FILE_BYTES):
    """Reads one JSON document from a regular file of at most `maximum_bytes`."""
    with open_regular(path) as file:
        # One byte more than allowed tells a file that is too long, even one that grows while it is read.
        data = file.read(maximum_bytes + 1)
    if len(data) > maximum_bytes:
        raise BadFile(f"{name_of(path)} is larger than {maximum_bytes} bytes")
    try:
        return strict_json.parse(data)
    except strict_json.BadJSON as error:
        raise BadFile(f"{name_of(path)}: {error}") from None


def lines(path, maximum_bytes_of_line):
    """Yields (number from 1, bytes) of the lines of a regular file that aren't blank; holds one at a time."""
    with open_regular(path) as file:
        number = 0
        while line := file.readline(maximum_bytes_of_line + 1):
            number += 1
            if len(line) > maximum_bytes_of_line:
                raise BadFile(f"{name_of(path)}, line {number} is longer than {maximum_bytes_of_line} bytes")
            if line.strip():
                yield number, line


def name_of(path):
    """A file's own name, quoted: names from outside may hold line feeds and escape sequences."""
    return repr(os.path.basename(os.fspath(path)))
