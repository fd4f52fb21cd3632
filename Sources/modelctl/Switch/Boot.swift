import ArgumentParser
import ModelRegistry
import RegistryModel

struct Boot: StoreCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the path to load; on trial, spend an attempt or revert.",
    discussion:
      "Run it each time before the runtime starts, and let the runtime load the path that it prints.")

  @OptionGroup var options: GlobalOptions
  @Option(help: "The generation that is meant; another one that is active is refused.") var generation: Int?

  func run() throws {
    let session = try Session(options, isWayBack: true)
    let result = try Registry.boot(session.root, generation: generation, session.settings)
    let warnings =
      result.warnings + (result.reverted.map { ["the trial was reverted: \($0.rawValue)"] } ?? [])
    session.answer(document(result), warnings: warnings) { result.path }
  }

  private func document(_ result: BootResult) -> JSONValue {
    [
      "generation": .integer(result.generation), "state": .string(result.state.rawValue),
      "attempts_left": Document.integer(result.attemptsLeft), "reverted": .orNull(result.reverted?.rawValue),
      "path": .string(result.path), "warnings": .array(result.warnings.map(JSONValue.string)),
    ]
  }
}
