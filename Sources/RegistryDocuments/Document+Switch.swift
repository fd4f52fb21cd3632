package import ModelRegistry
package import RegistryModel

/// The JSON of what runs.
extension Document {
  package static func active(_ state: ActiveState) -> JSONValue { active(state, state.set) }

  /// - Parameter shown: the part of the set that is asked for.
  package static func active(_ state: ActiveState, _ shown: GenerationSet) -> JSONValue {
    [
      "generation": .integer(state.generation), "state": .string(state.state.rawValue),
      "since": .string(state.since.description), "path": .string(state.path),
      "set": set(shown, beneath: state.path),
    ]
  }

  /// What was active at a time.
  package static func active(
    _ entry: HistoryEntry, generation number: Int, _ shown: GenerationSet, root: String
  )
    -> JSONValue
  {
    [
      "generation": .integer(number), "state": .string(entry.kind.rawValue),
      "since": .string(entry.at.description), "set": set(shown, beneath: generation(root, number)),
    ]
  }

  package static func boot(_ result: BootResult) -> JSONValue {
    [
      "generation": .integer(result.generation), "state": .string(result.state.rawValue),
      "attempts_left": integer(result.attemptsLeft), "reverted": .orNull(result.reverted?.rawValue),
      "path": .string(result.path), "warnings": .array(result.warnings.map(JSONValue.string)),
    ]
  }
}
