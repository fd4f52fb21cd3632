package import ModelRegistry
package import RegistryModel

/// The JSON that the command line and the HTTP service answer with (a contract): one function per shape.
package enum Document {
  package static func set(_ set: GenerationSet, beneath path: String) -> JSONValue {
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

  package static func set(_ set: GenerationSet) -> JSONValue {
    .object(
      Dictionary(
        uniqueKeysWithValues: set.sorted.map { member in
          (
            member.version.adapter.text,
            ["version": .string(member.version.description), "digest": .string(member.digest.description)]
          )
        }))
  }

  package static func generation(_ root: String, _ number: Int) -> String { "\(root)/generations/\(number)" }

  package static func switchResult(_ result: SwitchResult, root: String) -> JSONValue {
    [
      "generation": .integer(result.generation), "switch": integer(result.switchNumber),
      "previous": integer(result.previous), "fallback": integer(result.fallback),
      "state": .string(result.state.rawValue), "attempts_left": integer(result.attemptsLeft),
      "set": set(result.set, beneath: generation(root, result.generation)),
      "warnings": .array(result.warnings.map(JSONValue.string)),
    ]
  }

  package static func trial(_ result: SwitchResult, reverted: String?, root: String) -> JSONValue {
    [
      "generation": .integer(result.generation), "state": .string(result.state.rawValue),
      "attempts_left": integer(result.attemptsLeft), "reverted": .orNull(reverted),
      "path": .string(generation(root, result.generation)),
      "warnings": .array(result.warnings.map(JSONValue.string)),
    ]
  }

  package static func version(_ summary: VersionSummary) -> JSONValue {
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

  package static func file(_ file: Manifest.File) -> JSONValue {
    [
      "path": .string(file.path.text), "bytes": .integer(file.bytes),
      "digest": .string(file.digest.description),
    ]
  }

  package static func history(_ entry: HistoryEntry) -> JSONValue {
    [
      "switch": integer(entry.switchNumber), "generation": integer(entry.generation),
      "from": integer(entry.previous), "at": .string(entry.at.description), "by": .string(entry.by),
      "reason": .orNull(entry.reason), "kind": .string(entry.kind.rawValue),
      "state": .string(entry.state.rawValue), "set": set(entry.set),
    ]
  }

  package static func damage(_ damage: Damage) -> JSONValue {
    [
      "kind": .string(damage.kind.rawValue), "digest": .orNull(damage.digest?.description),
      "paths": .array(damage.paths.map(JSONValue.string)),
      "versions": .array(damage.versions.map { .string($0.description) }), "problem": .string(damage.problem),
    ]
  }

  package static func head(_ head: AuditHead?) -> JSONValue {
    head.map { ["seq": .integer($0.seq), "digest": .string($0.digest.description)] } ?? .null
  }

  package static func integer(_ value: (some BinaryInteger)?) -> JSONValue {
    value.map { .integer($0) } ?? .null
  }
}
