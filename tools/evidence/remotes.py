"""What anybody may rely on in a remote that is a folder, at any moment (docs/format.md, "Remote: Y")."""
import hashlib
import json


def check(folder, expected=None, unpromised="", is_same_run=True):
    """What doesn't hold; with `expected`, a remote whose every object must be there with its bytes, but for those whose names
    begin with `unpromised`. That of another run has other times in its journal and its reports of robots.
    """
    if not folder.is_dir():
        return []
    objects = read(folder)
    problems = []
    for name, data in objects.items():
        if name.startswith("blobs/sha256/") and name.rsplit("/", 1)[1] != digest(data):
            problems.append(f"{name} doesn't have the bytes of its name")
        if name.endswith(".json"):
            problems += document(name, data, objects)
    here = objects if is_same_run else timeless(objects)
    for name, data in (read(expected) if is_same_run else timeless(read(expected))).items() if expected else ():
        if here.get(name) != data and not (unpromised and name.startswith(unpromised)):
            problems.append(f"{name} was acknowledged, and is {'another' if name in here else 'gone'}")
    return [f"remote: {problem}" for problem in problems]


def read(folder):
    """Objects by their names; what begins with a dot is the folder's own business."""
    return {f"{path.relative_to(folder)}": path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)}


def digest(data):
    return hashlib.sha256(data).hexdigest()


def timeless(objects):
    """Entries of the journal by their versions, and reports without what they say."""
    return {f"journal/{version(name)}" if name.startswith("journal/") else name:
            b"" if name.startswith(("journal/", "robots/")) else data for name, data in objects.items()}


def version(entry):
    """The version that an entry of the journal tells of."""
    return entry.removesuffix(".json").split("-", 1)[1]


def document(name, data, objects):
    try:
        content = json.loads(data)
    except ValueError:
        return [f"{name} is no document"]
    if name.startswith("journal/") and f"adapters/{version(name)}/manifest.json" not in objects:
        return [f"{name} tells of a version that isn't there"]
    if name.startswith("episodes/"):
        archive = objects.get(name.replace(".json", ".zip"))
        return [] if archive is not None and digest(archive) == content["archive"].split(":")[-1] else [f"{name} has no archive"]
    if not name.startswith("adapters/"):
        return []
    missing = [one["path"] for one in content["files"] if f"blobs/sha256/{one['digest'].split(':')[1]}" not in objects]
    problems = [f"{name} names {path}, which isn't there" for path in missing]
    if name.replace("manifest.json", "checksum.sha256") not in objects:
        problems.append(f"{name} has no list of checksums")
    return problems
