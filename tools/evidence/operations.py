"""What is cut: a store that was prepared, and one command on it.

`between` says that the command does several things one after the other, each of them whole; `recover` is the command that a
person would run after the cut.
"""
import dataclasses
import pathlib
import sqlite3

WEIGHTS = ("one", "two", "three", "four", "other")


@dataclasses.dataclass(frozen=True)
class Operation:
    name: str
    prepare: tuple
    command: tuple
    between: bool = False
    # Opens the store as its owner does, which recovers it, and changes nothing else.
    recover: tuple = ("init",)
    # Ways to prepare that no command has.
    before: object = None
    after_prepare: object = None


def words(text):
    return tuple(text.split())


def commands(*texts):
    return tuple(words(text) for text in texts)


PLAIN = commands(
    "init", "publish robot_001 {base}/one", "publish robot_001 {base}/two", "publish robot_001 {base}/three",
    "publish robot_002 {base}/other", "activate robot_001_v1")
TRIAL = PLAIN + commands("activate robot_001_v2")
# Another robot's store is the producer.
SHARED = PLAIN + commands(
    "remote set file://{base}/remote", "init --root {base}/producer",
    "publish robot_001 {base}/four --version 4 --root {base}/producer",
    "remote set file://{base}/remote --root {base}/producer", "push robot_001_v4 --root {base}/producer")


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


def lose_index(base):
    for path in pathlib.Path(base, "root").glob("registry.db*"):
        path.unlink()


def empty_index(base):
    """An index as it is before its first migration."""
    lose_index(base)
    with sqlite3.connect(f"{base}/root/registry.db") as index:
        index.execute("PRAGMA journal_mode=WAL")
    index.close()


OPERATIONS = (
    Operation("init", (), words("init")),
    Operation("migrate", commands("init"), words("init"), after_prepare=empty_index),
    Operation("publish", PLAIN, words("publish robot_001 {base}/four")),
    Operation("install", PLAIN + commands("uninstall robot_001_v3"), words("install robot_001_v3")),
    Operation("uninstall", PLAIN, words("uninstall robot_001_v3"), between=True),
    Operation("activate", PLAIN, words("activate robot_001_v2")),
    Operation("activate --confirmed", PLAIN, words("activate robot_001_v2 robot_002_v1 --confirmed")),
    Operation("confirm", TRIAL, words("confirm")),
    Operation("boot", TRIAL, words("boot")),
    Operation("rollback", TRIAL, words("rollback")),
    Operation("rollback --bad", TRIAL, words("rollback --bad"), between=True),
    Operation("gc", PLAIN + commands("uninstall robot_001_v3"), words("gc"), between=True),
    Operation("import", PLAIN, words("import {base}/four/lora_adapters.npz --as robot_003")),
    Operation("sync", SHARED, words("sync"), between=True),
    Operation("install from the remote", SHARED, words("install robot_001_v4"), between=True),
    Operation("push", SHARED, words("push robot_001_v2"), between=True),
    Operation("channel set", PLAIN, words("channel set stable robot_001_v2")),
    Operation("evaluate", PLAIN, words("evaluate robot_001_v2 --result {base}/evaluation.json")),
    Operation("pin", PLAIN, words("pin robot_001_v2")),
    Operation("token create", PLAIN, words("token create night --scope read")),
    Operation("token revoke", PLAIN + commands("token create night --scope read"), words("token revoke night")),
    Operation("rebuild", TRIAL, words("rebuild"), between=True, recover=("rebuild",), after_prepare=lose_index),
)
