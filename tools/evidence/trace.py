"""What strace wrote of a run, as calls in the order in which they ended.

Only calls that worked are kept: what failed changed nothing.
"""
import dataclasses
import re
import subprocess

CALLS = (
    "openat,openat2,open,creat,close,close_range,dup,dup2,dup3,fcntl,write,writev,pwrite64,pwritev,ftruncate,truncate,"
    "fallocate,copy_file_range,ioctl,sendfile,splice,lseek,read,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,"
    "chmod,fchmod,fchmodat,fsync,fdatasync,sync_file_range,syncfs,sync,clone,clone3,fork,vfork,execve"
)


@dataclasses.dataclass(frozen=True)
class Call:
    """One call: `began` and `ended` are its places in the record; several threads' calls overlap."""

    process: int
    name: str
    arguments: list
    result: int
    began: int
    ended: int


class NotUnderstood(Exception):
    """A line that the model has no words for: better no answer than a wrong one."""


def record(command, path, environment=None, stdin=subprocess.DEVNULL, inject=None):
    """Runs a command under strace, with a fault of strace's own; its exit code, what it printed, and its complaints."""
    strace = ["strace", "-f", "-qq", "-xx", "-s", "16777216", "-e", "signal=none", "-e", f"trace={CALLS}", "-o", path]
    # With a filter in the kernel the program stops for these calls alone; strace injects nothing then.
    strace += ["-e", f"inject={inject}"] if inject else ["--seccomp-bpf"]
    done = subprocess.run([*strace, "--", *command], env=environment, stdin=stdin, capture_output=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


LINE = re.compile(rb"^(\d+) +(.*)$")
RESUMED = re.compile(rb"^<\.\.\. (\w+) resumed>(.*)$", re.S)
WHOLE = re.compile(rb"^(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+|\?)(.*)$", re.S)
# What is quoted has no quotes in it: every byte of it is written as a number.
PART = re.compile(rb'"[^"]*"|[{}\[\](),]')
HALF = b" <unfinished ...>"


def calls(path):
    """The calls of a record that worked, sorted by their ends."""
    halves, found = {}, []
    with open(path, "rb") as file:
        for number, line in enumerate(file):
            process, text = LINE.match(line.rstrip(b"\n")).groups()
            # All but the first two are what a process that is killed leaves: its last calls have no name, or no end.
            if text.startswith((b"+++", b"---", b"???", b"<... ??? resumed>")) or text.endswith(b"<detached ...>"):
                continue
            began = number
            if text.endswith(HALF):
                halves[process] = (number, text[: -len(HALF)])
                continue
            if resumed := RESUMED.match(text):
                began, first = halves.pop(process)
                text = first + resumed[2]
            whole = WHOLE.match(text)
            if not whole:
                raise NotUnderstood(text[:300])
            name, arguments, result, _ = whole.groups()
            if result == b"?" or result.startswith(b"-"):
                continue
            found.append(Call(int(process), name.decode(), split(arguments), int(result, 0), began, number))
    return sorted(found, key=lambda call: call.ended)


def split(text):
    """Arguments as bytes (what was quoted) or words (everything else)."""
    found, depth, start = [], 0, 0
    for part in PART.finditer(text):
        if part[0] in (b"{", b"[", b"("):
            depth += 1
        elif part[0] in (b"}", b"]", b")"):
            depth -= 1
        elif part[0] == b"," and depth == 0:
            found.append(word(text[start:part.start()]))
            start = part.end()
    return found + [word(text[start:])]


def word(text):
    text = text.strip()
    if text.startswith(b'"'):
        if text.endswith(b"..."):
            raise NotUnderstood(text[:300])
        return bytes.fromhex(text[1:-1].replace(b"\\x", b"").decode())
    return text.decode()
