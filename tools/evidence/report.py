"""Writes docs/evidence.md from the results of tools/evidence/run: tools/evidence/report RESULT.json [RESULT.json …]."""
import collections
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(f"{cell}" for cell in row) + " |" for row in rows]) + "\n"


def heading(documents):
    rows = [(f"{one['size']}: {', '.join(one['parts'])}", one["date"], one["seed"], f"{one['machine']['processor']}, {one['machine']['cores']} cores, "
             f"Linux {one['machine']['kernel']}", f"{sum(part['seconds'] for part in one['parts'].values())} s")
            for one in documents]
    skipped = [f"\n**SKIPPED**: {name}: {part['skipped']}\n" for one in documents for name, part in one["parts"].items() if "skipped" in part]
    return table(("run", "date", "seed", "machine", "took"), rows) + "".join(skipped)


def parts(documents, name):
    """The results of one part over all documents, without what was skipped."""
    return [one["parts"][name] for one in documents if name in one["parts"] and "skipped" not in one["parts"][name]]


def summed(results, keys):
    """Rows of the same operation of several runs are added."""
    found = collections.OrderedDict()
    for result in results:
        for one in result["operations"]:
            row = found.setdefault(one["operation"], dict.fromkeys(keys, 0) | {"violations": 0})
            for key in keys:
                row[key] += one[key]
            row["violations"] += len(one["violations"])
    return found


def explored(documents):
    results = parts(documents, "explore")
    rows = summed(results, ("states", "acknowledged", "states_in_recovery"))
    total = sum(row["states"] + row["states_in_recovery"] for row in rows.values())
    kinds = collections.Counter()
    for result in results:
        for one in result["operations"]:
            kinds.update(one["kinds"])
    by_kind = ", ".join(f"{count} of the kind \"{kind}\"" for kind, count in kinds.items())
    return (f"{total} states were judged, each distinct among those of its operation: {by_kind}, and "
            f"{sum(row['states_in_recovery'] for row in rows.values())} in recoveries that were cut as well.\n\n"
            + table(("operation", "states", "after its end", "in its recovery", "violations"),
                    [(name, row["states"], row["acknowledged"], row["states_in_recovery"], row["violations"]) for name, row in rows.items()]))


def omitted(documents):
    flushes = [one for result in parts(documents, "omissions")[-1:] for one in result["flushes"]]
    seen = [one for one in flushes if one["violation"]]
    excused = [one for one in flushes if not one["violation"] and one["excuse"]]
    unseen = [one for one in flushes if not one["violation"] and not one["excuse"]]
    alike = sum(one["needs_all"] for one in seen)
    controls = sum(result["controls"] for result in parts(documents, "omissions")[-1:])
    broken = sum(len(result["violations"]) for result in parts(documents, "omissions")[-1:])
    kills = sum(result["kills"] for result in parts(documents, "omissions")[-1:])
    missed = sum(len(result["missed"]) for result in parts(documents, "omissions")[-1:])
    text = (f"With nothing left out, also after another run was killed at each of its flushes and at each of SQLite's ({kills} kills, and "
            f"{missed} that didn't come where they should), {controls} states were judged: {broken} violations. "
            f"Of {len(flushes)} kinds of flushes {len(seen)} were seen to be missing, each by a violation, {alike} of them only where "
            f"all of that kind were left out, as each makes up for the one before. Nothing that was tried "
            f"needs the other {len(excused) + len(unseen)}; they are made all the same, for the reason beside them:\n\n")
    return text + table(("command", "flush of", "why it is made"),
                        [(one["operation"], f"`{one['flush']}`", one["excuse"] or "**unexplained**") for one in excused + unseen])


def injected(documents):
    rows = summed(parts(documents, "faults"), ("calls", "faults"))
    outcomes = collections.Counter()
    for result in parts(documents, "faults"):
        for one in result["operations"]:
            outcomes.update(one["outcomes"])
    return (f"{outcomes['refused'] + outcomes['survived']} calls were failed: the command said so and stopped "
            f"{outcomes['refused']} times, and went on {outcomes['survived']} times. {outcomes['not met']} more times the run made fewer "
            "calls than the one that was counted.\n\n"
            + table(("operation", "calls", "faults", "violations"),
                    [(name, row["calls"], row["faults"], row["violations"]) for name, row in rows.items()]))


def cut(documents):
    results = parts(documents, "cuts")
    counts, bad = collections.Counter(), collections.Counter()
    for result in results:
        for one in result["stores"]:
            counts[one["file_system"]] += one["cuts"]
            bad[one["file_system"]] += len(one["violations"])
    text = table(("file system", "cuts", "violations"), [(kind, counts[kind], bad[kind]) for kind in counts])
    peers = collections.OrderedDict()
    for result in results:
        for one in result["peers"]:
            row = peers.setdefault((one["store"], one["file_system"]), collections.Counter())
            row.update({key: one[key] for key in ("cuts", "lost", "wrong", "check_fails", "unusable")})
    if not peers:
        return text
    return text + (
        "\nThe same cuts below the stores of others, with the settings they come with. *Lost*: something that had been acknowledged "
        "couldn't be had, or (*wrong*) came with other bytes and no error. *Check*: its own check complained, be it of a lock "
        "that was left. *Stuck*: it took nothing new until somebody repaired it, or removed a lock.\n\n"
        + table(("store", "file system", "cuts", "lost", "wrong", "check", "stuck"),
                [(store, kind, row["cuts"], row["lost"], row["wrong"], row["check_fails"], row["unusable"])
                 for (store, kind), row in peers.items()]))


def raced(documents):
    results = parts(documents, "races")
    killing, reading = [one["killing"] for one in results], [one["reading"] for one in results]
    return (f"Eight programs on one store, {sum(one['killed'] for one in killing)} of them killed at random moments and "
            f"{sum(one['ended'] for one in killing)} left to their end: {sum(len(one['violations']) for one in killing)} violations; each of "
            f"the {sum(one['published'] for one in killing)} versions was there whose publishing had been acknowledged. "
            f"Readers resolved `active` {sum(one['reads'] for one in reading):,} times during "
            f"{sum(one['switches'] for one in reading):,} switches, and met {sum(len(one['violations']) for one in reading)} sets "
            "that were mixed or missing.\n")


def fuzzed(documents):
    files = parts(documents, "fuzz")
    text = (f"{sum(one['cases'] for one in files):,} files and requests that chance had changed were given to the whole program: "
            f"{sum(len(one['violations']) for one in files)} violations.\n")
    rows = collections.OrderedDict()
    for result in parts(documents, "libfuzzer"):
        for one in result.get("readers", ()):
            row = rows.setdefault(one["reader"], collections.Counter())
            row.update({"runs": one["runs"], "violations": len(one["violations"])})
            row["blocks"] = max(row["blocks"], one["blocks"])
    if not rows:
        return text
    return text + ("\nlibFuzzer, which looks for inputs that reach more of the code, with AddressSanitizer, on each reader of RegistryModel:\n\n"
                   + table(("reader", "inputs", "blocks of code reached", "violations"),
                           [(name, f"{row['runs']:,}", row["blocks"], row["violations"]) for name, row in rows.items()]))


def found():
    return table(("date", "found by", "what was wrong", "what was done", "held by"),
                 [(one["date"], one["by"], one["what"], one["fix"], one["test"])
                  for one in json.loads((FOLDER / "found.json").read_text())])


def main():
    documents = [json.loads(pathlib.Path(path).read_text()) for path in sys.argv[1:]]
    if not documents:
        sys.exit(__doc__)
    if failed := [name for one in documents for name, part in one["parts"].items() if not part["held"]]:
        sys.exit(f"error: {failed[0]} didn't hold: that is to be put right, and not on a page")
    page = (FOLDER / "page.md").read_text()
    for name, text in (("runs", heading(documents)), ("explore", explored(documents)), ("omissions", omitted(documents)),
                       ("faults", injected(documents)), ("cuts", cut(documents)), ("races", raced(documents)), ("fuzz", fuzzed(documents)), ("found", found())):
        page = page.replace(f"<!-- {name} -->\n", text)
    (FOLDER.parent.parent / "docs/evidence.md").write_text(page)


if __name__ == "__main__":
    main()
