"""Files that are there as a whole or not at all, whatever is cut off when."""

import os

# A file that isn't whole yet has this at the end of its name.
PARTIAL = ".partial"


def write_partial(path, data):
    """Writes PATH.partial and flushes it; whatever had that name is replaced."""
    with open(f"{path}{PARTIAL}", "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def publish(paths):
    """Gives partial files their names, in this order, and flushes the folders; durable on return."""
    for path in paths:
        os.rename(f"{path}{PARTIAL}", path)
    for folder in sorted({os.path.dirname(path) for path in paths}):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def discard(paths):
    """Removes these files, whole or partial, where they are there."""
    for path in paths:
        for name in (f"{path}{PARTIAL}", path):
            try:
                os.unlink(name)
            except FileNotFoundError:
                pass


def write(path, data):
    """Replaces one file; on return it is durable. A crash leaves the old file or the new one."""
    path = os.path.abspath(path)
    write_partial(path, data)
    publish([path])
