"""What is cut: a store that was prepared, and one command on it.

`between` says that the command does several things one after the other, each of them whole; `recover` is the command that a
person would run after the cut.
"""
import dataclasses
import hashlib
import json
import pathlib
import sqlite3

MIGRATIONS = pathlib.Path(__file__).parents[2] / "migrations"
WEIGHTS = ("one", "two", "three", "four", "other")


@dataclasses.dataclass(frozen=True)
class Operation:
    name: str
    prepare: tuple
    command: tuple
    between: bool = False
    # Opens the store as its owner does, which recovers it, and changes nothing else.
    recover: tuple = ("init",)
    # What is run instead where the command had ended: nothing that would do its work once more.
    recover_done: tuple = ()
    # Commands that lead where this one may end instead, if it says so: a boot must not fail for what it can't record.
    lesser: tuple = ()
    # Ways to prepare that no command has.
    after_prepare: object = None
    # What else is lost with the power: a function of the folder, applied to each state.
    loses: object = None
    # A command before the one that is cut, killed at each of its flushes: what it left may not be durable. And then, words of
    # the system.
    killed: tuple = ()
    then: tuple = ()
    # One more before that, killed at the last flush of its own.
    first: tuple = ()
    # Only so many of the killed one's last flushes; 0: all of them.
    last: int = 0
    # What objects on the remote begin with that only the killed one would have acknowledged.
    unpromised: str = ""
    # Commands that lead to more states that are good: what came before was done, and this one not yet.
    halfway: tuple = ()

    @property
    def family(self):
        """What it is a variant of."""
        return self.name.removesuffix(" after a kill").split(",")[0]


def words(text):
    return tuple(text.split())


def commands(*texts):
    return tuple(words(text) for text in texts)


PLAIN = commands(
    "init", "publish robot_001 {base}/one", "publish robot_001 {base}/two", "publish robot_001 {base}/three",
    "publish robot_002 {base}/other", "activate robot_001_v1")
TRIAL = PLAIN + commands("activate robot_001_v2")
# Back at the first, and the second has no way back any more.
RETURNED = TRIAL + commands("rollback")
# What is on trial is what the confirmed one before it would go back to.
ROUND = PLAIN + commands("activate robot_001_v2 --confirmed", "activate robot_001_v1")
# On trial once more, although it was blocked.
FORCED = TRIAL + commands("rollback --bad", "activate robot_001_v2 --force")
# Another robot's store is the producer.
SHARING = commands(
    "init --root {base}/producer", "publish robot_001 {base}/four --version 4 --root {base}/producer",
    "remote set file://{base}/remote --root {base}/producer", "push robot_001_v4 --root {base}/producer",
    "remote set file://{base}/remote")
SHARED = PLAIN + SHARING
# With somewhere to send episodes to.
RECORDING = PLAIN + commands("remote set file://{base}/remote")
# With a channel that others may follow.
FOLLOWED = SHARED + commands("push robot_001_v2", "push robot_001_v3", "channel set stable robot_001_v3")
LATER = commands("episodes upload {base}/episodes --later")


def sources(base):
    """What is published and evaluated."""
    for content in WEIGHTS:
        folder = pathlib.Path(base, content)
        folder.mkdir()
        # Several blocks, so that they can be torn and lost one by one.
        (folder / "lora_adapters.npz").write_bytes(f"weights of {content}; ".encode() * 500)
        (folder / "config.json").write_text('{"rank":8}')
    pathlib.Path(base, "remote").mkdir()
    pathlib.Path(base, "evaluation.json").write_text('{"success_rate":0.93}')
    episodes = pathlib.Path(base, "episodes")
    episodes.mkdir()
    for number, name in enumerate(("night", "day")):
        step = {"observation": [0.5, number], "action": [0.25], "reward": 1.0}
        (episodes / f"{name}.json").write_text(json.dumps({"metadata": {"episode_id": name}, "steps": [step] * 100}))


def lose_index(base):
    for path in pathlib.Path(base, "root").glob("registry.db*"):
        path.unlink()


def empty_index(base):
    """An index as it is before its first migration."""
    lose_index(base)
    with sqlite3.connect(f"{base}/root/registry.db") as index:
        index.execute("PRAGMA journal_mode=WAL")
    index.close()


def age(base):
    """A store as schema 1 had it."""
    for kind in ("channels", "evaluations"):
        pathlib.Path(base, "root/marks", kind).rmdir()


def older_index(base):
    """What schema 1 had of a store: its folders, and its tables with the rows that are still the same."""
    age(base)
    path = f"{base}/root/registry.db"
    index = sqlite3.connect(f"{base}/older", isolation_level=None)
    index.execute("PRAGMA journal_mode=WAL")
    index.executescript(next(MIGRATIONS.glob("0001_*.sql")).read_text())
    index.execute("ATTACH ? AS newer", (path,))
    for (table,) in index.execute("SELECT name FROM main.sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'").fetchall():
        columns = ", ".join(f'"{name}"' for (name,) in index.execute("SELECT name FROM pragma_table_info(?)", (table,)))
        index.execute(f"DELETE FROM main.{table}")
        index.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
    (identity,) = index.execute("PRAGMA newer.application_id").fetchone()
    index.execute(f"PRAGMA main.application_id={identity}")
    index.execute("PRAGMA main.user_version=1")
    index.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")
    index.close()
    lose_index(base)
    pathlib.Path(base, "older").rename(path)


def registry_plan(base):
    """Two versions in the layout of a registry plan, which are imported as a group."""
    for number in (1, 2):
        folder = pathlib.Path(base, f"plan/adapters/robot_004_v{number}")
        folder.mkdir(parents=True)
        data = f"weights of plan {number}; ".encode() * 500
        digest = hashlib.sha256(data).hexdigest()
        (folder / "lora_adapters.npz").write_bytes(data)
        (folder / "manifest.json").write_text(json.dumps({
            "model_id": "adapters/robot_004", "version": f"v{number}", "model_type": "adapter", "checksum": f"sha256:{digest}",
            "files": [{"name": "lora_adapters.npz", "size": len(data), "checksum": digest}]}))


def damage(base):
    """A blob has other bytes than its name says, and so has the tree that shares its inode."""
    digest = hashlib.sha256((pathlib.Path(base, "two/lora_adapters.npz")).read_bytes()).hexdigest()
    blob = pathlib.Path(base, f"root/blobs/sha256/{digest[:2]}/{digest}")
    blob.chmod(0o644)
    with blob.open("r+b") as file:
        file.write(b"damaged")
    blob.chmod(0o444)


LOSE_INDEX = words("rm -f {base}/root/registry.db {base}/root/registry.db-wal {base}/root/registry.db-shm")


def rebuilding(killed, prepare=PLAIN, after_prepare=None):
    return Operation(f"rebuild, {killed.split()[0]} before it after a kill", prepare, words("rebuild"), between=True,
                     recover=words("rebuild"), recover_done=words("list"), killed=words(killed), then=LOSE_INDEX,
                     after_prepare=after_prepare)


def opening(name, command, *prepare):
    """The first opening in a boot flushes ROOT before it trusts what lies there (V0): the last switch may not be durable."""
    return Operation(f"{name}, rollback before it after a kill", TRIAL + prepare, words(command), between=True, killed=words("rollback"))


OPERATIONS = (
    Operation("init", (), words("init"), recover_done=words("list")),
    Operation("init, over an empty index", commands("init"), words("init"), recover_done=words("list"), after_prepare=empty_index),
    Operation("migrate, and pin", PLAIN, words("pin robot_001_v2"), after_prepare=older_index),
    Operation("publish", PLAIN, words("publish robot_001 {base}/four")),
    Operation("install", PLAIN + commands("uninstall robot_001_v3"), words("install robot_001_v3")),
    Operation("uninstall", PLAIN, words("uninstall robot_001_v3"), between=True),
    Operation("activate", PLAIN, words("activate robot_001_v2")),
    Operation("activate --confirmed", PLAIN, words("activate robot_001_v2 robot_002_v1 --confirmed")),
    Operation("confirm", TRIAL, words("confirm")),
    Operation("confirm, and the index is lost", TRIAL, words("confirm"), recover=words("rebuild"), loses=lose_index),
    Operation("confirm, of what was blocked", FORCED, words("confirm"), between=True),
    Operation("boot", TRIAL, words("boot"), lesser=commands("version", "rollback")),
    Operation("rollback", TRIAL, words("rollback")),
    Operation("rollback --bad", TRIAL, words("rollback --bad"), between=True),
    Operation("rollback --bad, to where the way back is blocked", ROUND, words("rollback --bad"), between=True),
    Operation("rollback --to", RETURNED, words("rollback --to 2")),
    Operation("gc", PLAIN + commands("uninstall robot_001_v3"), words("gc"), between=True),
    Operation("import", PLAIN, words("import {base}/four/lora_adapters.npz --as robot_003")),
    Operation("sync", SHARED, words("sync"), between=True),
    Operation("sync, with nothing to bring", PLAIN + commands("remote set file://{base}/remote"), words("sync"), between=True),
    Operation("install from the remote", SHARED, words("install robot_001_v4"), between=True),
    Operation("push", SHARED, words("push robot_001_v2"), between=True),
    Operation("push, the first", PLAIN + commands("remote set file://{base}/remote"), words("push robot_001_v2"),
              between=True),
    Operation("push, of one file", commands(
        "init", "import {base}/four/lora_adapters.npz --as robot_003", "remote set file://{base}/remote"),
        words("push robot_003_v1"), between=True),
    Operation("episodes upload", RECORDING, words("episodes upload {base}/episodes"), halfway=LATER),
    Operation("episodes upload, --later", PLAIN, *LATER),
    Operation("channel set", PLAIN, words("channel set stable robot_001_v2")),
    Operation("channel set, on a remote", SHARED + commands("push robot_001_v2"), words("channel set stable robot_001_v2"),
              between=True),
    Operation("evaluate", PLAIN, words("evaluate robot_001_v2 --result {base}/evaluation.json")),
    Operation("pin", PLAIN, words("pin robot_001_v2")),
    Operation("unpin", PLAIN + commands("pin robot_001_v2"), words("unpin robot_001_v2")),
    Operation("token create", PLAIN, words("token create night --scope read")),
    Operation("token revoke", PLAIN + commands("token create night --scope read"), words("token revoke night")),
    Operation("rebuild", TRIAL, words("rebuild"), between=True, recover=words("rebuild"),
              recover_done=words("list"), after_prepare=lose_index),
)

# Many flushes have nothing to do in a run by itself: they pay for one that came before and died before it could.
DEBTS = (
    Operation("publish after a kill", PLAIN, words("publish robot_001 {base}/four"),
              killed=words("publish robot_001 {base}/four")),
    Operation("install after a kill", PLAIN + commands("uninstall robot_001_v3"), words("install robot_001_v3"),
              killed=words("install robot_001_v3")),
    Operation("install from the remote, after a kill", SHARED, words("install robot_001_v4"), between=True,
              killed=words("install robot_001_v4")),
    Operation("init after a kill", (), words("init"), recover_done=words("list"), killed=words("init")),
    Operation("gc after a kill", TRIAL, words("gc"), between=True, killed=words("rollback")),
    Operation("gc, gc before it after a kill", TRIAL + commands("rollback", "confirm", "uninstall robot_001_v3"), words("gc"), between=True,
              killed=words("gc")),
    Operation("uninstall after a kill", PLAIN, words("uninstall robot_001_v3"), between=True, killed=words("uninstall robot_001_v3")),
    Operation("activate after a kill", PLAIN, words("activate robot_001_v2"), killed=words("activate robot_001_v2")),
    Operation("confirm after a kill", TRIAL, words("confirm"), killed=words("confirm")),
    Operation("confirm, after a kill, and the index is lost", TRIAL, words("confirm"), recover=words("rebuild"),
              loses=lose_index, killed=words("confirm")),
    Operation("confirm, of what was blocked, after a kill", FORCED, words("confirm"), between=True, killed=words("confirm")),
    Operation("confirm, activate before it after a kill", PLAIN, words("confirm"), between=True,
              killed=words("activate robot_001_v2")),
    Operation("boot, activate before it after a kill", PLAIN, words("boot"), between=True,
              killed=words("activate robot_001_v2"), halfway=commands("activate robot_001_v2")),
    Operation("unpin after a kill", PLAIN + commands("pin robot_001_v2"), words("unpin robot_001_v2"),
              killed=words("unpin robot_001_v2")),
    Operation("pin after a kill", PLAIN, words("pin robot_001_v2"), killed=words("pin robot_001_v2")),
    Operation("token create after a kill", PLAIN, words("token create day --scope read"), between=True,
              killed=words("token create night --scope read")),
    Operation("token revoke after a kill", PLAIN + commands("token create night --scope read"), words("token revoke night"),
              killed=words("token revoke night")),
    Operation("channel set after a kill", PLAIN, words("channel set stable robot_001_v2"),
              killed=words("channel set stable robot_001_v2")),
    Operation("evaluate after a kill", PLAIN, words("evaluate robot_001_v2 --result {base}/evaluation.json"),
              killed=words("evaluate robot_001_v2 --result {base}/evaluation.json")),
    Operation("push after a kill", SHARED, words("push robot_001_v2"), between=True, killed=words("push robot_001_v2")),
    Operation("channel set, push before it after a kill", SHARED, words("channel set stable robot_001_v2"), between=True,
              killed=words("push robot_001_v2"), last=8, unpromised="journal/"),
    Operation("channel set, on a remote, after a kill", FOLLOWED, words("channel set stable robot_001_v2"), between=True,
              killed=words("channel set stable robot_001_v2"), last=12),
    Operation("channel set, in an old store after a kill", PLAIN, words("channel set stable robot_001_v2"),
              killed=words("channel set stable robot_001_v2"), after_prepare=age),
    Operation("evaluate, in an old store after a kill", PLAIN,
              words("evaluate robot_001_v2 --result {base}/evaluation.json"),
              killed=words("evaluate robot_001_v2 --result {base}/evaluation.json"), after_prepare=age),
    Operation("rollback --to, after a kill", RETURNED, words("rollback --to 2"), between=True, killed=words("rollback --to 2")),
    Operation("episodes upload after a kill", RECORDING, words("episodes upload {base}/episodes"), halfway=LATER,
              killed=words("episodes upload {base}/episodes")),
    Operation("episodes upload, --later, after a kill", PLAIN, *LATER, killed=LATER[0]),
    Operation("init, recovery before it after a kill", PLAIN, words("init"), recover_done=words("list"),
              killed=words("init"), first=words("publish robot_001 {base}/four")),
    opening("unpin", "unpin robot_001_v2", words("pin robot_001_v2")),
    opening("uninstall", "uninstall robot_001_v3"),
    opening("pin", "pin robot_001_v2"),
    opening("publish", "publish robot_001 {base}/four"),
    opening("install", "install robot_001_v3", words("uninstall robot_001_v3")),
    opening("install from the remote", "install robot_001_v4", *SHARING),
    opening("sync", "sync", *SHARING),
    opening("push", "push robot_001_v2", *SHARING),
    opening("import", "import {base}/four/lora_adapters.npz --as robot_003"),
    opening("channel set", "channel set stable robot_001_v2"),
    opening("evaluate", "evaluate robot_001_v2 --result {base}/evaluation.json"),
    opening("episodes upload", "episodes upload {base}/episodes --later"),
    opening("token create", "token create night --scope read"),
    opening("token revoke", "token revoke night", words("token create night --scope read")),
    rebuilding("publish robot_001 {base}/four"),
    rebuilding("activate robot_001_v2"),
    rebuilding("rollback --bad", TRIAL),
    rebuilding("pin robot_001_v2"),
    rebuilding("channel set stable robot_001_v2", after_prepare=age),
    rebuilding("evaluate robot_001_v2 --result {base}/evaluation.json"),
)

# Whose states aren't explored, but whose flushes are left out.
RARE = (
    Operation("import, of a group", PLAIN, words("import {base}/plan"), between=True, after_prepare=registry_plan),
    Operation("import, of a group, after a kill", PLAIN, words("import {base}/plan"), between=True, after_prepare=registry_plan,
              killed=words("import {base}/plan")),
    Operation("publish, over damaged bytes", PLAIN, words("publish robot_001 {base}/two"), after_prepare=damage),
    Operation("publish, over damaged bytes, after a kill", PLAIN, words("publish robot_001 {base}/two"), after_prepare=damage,
              killed=words("publish robot_001 {base}/two")),
    Operation("rebuild, by the restore of a backup", PLAIN + commands("backup {base}/index.backup", "pin robot_001_v2"),
              words("restore {base}/index.backup --force"), between=True, recover=words("rebuild"), recover_done=words("list")),
)
