import ModelRegistry
import Testing

/// Another user, who looks at a store that isn't his.
struct Stranger {
  let store: CommandStore
  private let words: [String]

  init(_ store: CommandStore) throws {
    self.store = store
    words = Program.become(Program.stranger) + [try #require(Program.pathForOthers)]
  }

  @discardableResult
  func run(
    _ arguments: String..., code: Int32 = 0, at location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    try run(arguments, code, at: location)
  }

  private func run(_ arguments: [String], _ code: Int32, at location: SourceLocation) throws -> Outcome {
    let outcome = try Program.run(words + arguments, environment: store.environment)
    #expect(outcome.code == code, "\(arguments): \(outcome.out)\(outcome.err)", sourceLocation: location)
    return outcome
  }

  @discardableResult
  func failure(
    _ arguments: String..., code: Int32, _ name: String, at location: SourceLocation = #_sourceLocation
  ) throws -> CommandError {
    let text = try run(arguments, code, at: location)
    let json = try run(arguments + ["--json"], code, at: location)
    #expect(text.out == "" && json.out == "", sourceLocation: location)
    return try CommandError(text: text.err, json: json.err, name, at: location)
  }
}
