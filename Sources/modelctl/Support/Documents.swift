import ModelRegistry
import RegistryModel

/// The JSON of the command line (a contract): one function per shape.
enum Document {
  static func set(_ set: GenerationSet, beneath path: String) -> JSONValue {
    .object(
      Dictionary(
        uniqueKeysWithValues: set.sorted.map { member in
          (
            member.version.adapter.text,
            [
              "version": .string(member.version.description), "digest": .string(member.digest.description),
              "path": .string("\(path)/\(member.version.adapter.text)"),
            ]
          )
        }))
  }

  static func set(_ set: GenerationSet) -> JSONValue {
    .object(
      Dictionary(
        uniqueKeysWithValues: set.sorted.map { member in
          (
            member.version.adapter.text,
            ["version": .string(member.version.description), "digest": .string(member.digest.description)]
          )
        }))
  }

  static func generation(_ root: String, _ number: Int) -> String { "\(root)/generations/\(number)" }

  static func switchResult(_ result: SwitchResult, root: String) -> JSONValue {
    [
      "generation": .integer(result.generation), "switch": integer(result.switchNumber),
      "previous": integer(result.previous), "fallback": integer(result.fallback),
      "state": .string(result.state.rawValue), "attempts_left": integer(result.attemptsLeft),
      "set": set(result.set, beneath: generation(root, result.generation)),
      "warnings": .array(result.warnings.map(JSONValue.string)),
    ]
  }

  static func trial(_ result: SwitchResult, reverted: String?, root: String) -> JSONValue {
    [
      "generation": .integer(result.generation), "state": .string(result.state.rawValue),
      "attempts_left": integer(result.attemptsLeft), "reverted": .orNull(reverted),
      "path": .string(generation(root, result.generation)),
      "warnings": .array(result.warnings.map(JSONValue.string)),
    ]
  }

  static func version(_ summary: VersionSummary) -> JSONValue {
    [
      "version": .string(summary.version.description), "adapter": .string(summary.version.adapter.text),
      "number": .integer(summary.version.number), "digest": .string(summary.digest.description),
      "created_at": .string(summary.createdAt.description), "bytes": .integer(summary.bytes),
      "installed": .bool(summary.isInstalled), "active": .bool(summary.isActive),
      "channels": .array(summary.channels.map { .string($0.text) }),
      "origin_version": .orNull(summary.originVersion),
      "pinned": .bool(summary.isPinned), "blocked": .bool(summary.isBlocked),
      "damaged": .bool(summary.isDamaged),
    ]
  }

  static func file(_ file: Manifest.File) -> JSONValue {
    [
      "path": .string(file.path.text), "bytes": .integer(file.bytes),
      "digest": .string(file.digest.description),
    ]
  }

  static func history(_ entry: HistoryEntry) -> JSONValue {
    [
      "switch": integer(entry.switchNumber), "generation": integer(entry.generation),
      "from": integer(entry.previous), "at": .string(entry.at.description), "by": .string(entry.by),
      "reason": .orNull(entry.reason), "kind": .string(entry.kind.rawValue),
      "state": .string(entry.state.rawValue), "set": set(entry.set),
    ]
  }

  static func damage(_ damage: Damage) -> JSONValue {
    [
      "kind": .string(damage.kind.rawValue), "digest": .orNull(damage.digest?.description),
      "paths": .array(damage.paths.map(JSONValue.string)),
      "versions": .array(damage.versions.map { .string($0.description) }), "problem": .string(damage.problem),
    ]
  }

  static func head(_ head: AuditHead?) -> JSONValue {
    head.map { ["seq": .integer($0.seq), "digest": .string($0.digest.description)] } ?? .null
  }

  static func integer(_ value: (some BinaryInteger)?) -> JSONValue { value.map { .integer($0) } ?? .null }
}

/// Phrases for people.
enum Sentence {
  /// "1 file", "2 files".
  static func count(_ number: some BinaryInteger, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  static func set(_ set: GenerationSet) -> String {
    set.isEmpty ? "no adapters" : set.sorted.map(\.version.description).joined(separator: ", ")
  }

  /// Where a switch left things, and what is expected next.
  static func state(_ result: SwitchResult) -> String {
    let what = "generation \(result.generation) is active: \(set(result.set))"
    guard result.state == .trial, let left = result.attemptsLeft else { return "\(what); confirmed" }
    guard result.fallback != nil else {
      return "\(what); on trial: confirm it, there is nothing to revert to"
    }
    return "\(what); on trial: confirm it, or it reverts after \(count(left, "boot"))"
  }
}
