import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Boot: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "boot",
    abstract: "Print the path to load; on trial, spend an attempt or revert.",
    discussion:
      "Run it each time before the runtime starts, and let the runtime load the path that it prints.")

  @OptionGroup var options: GlobalOptions
  @Option(help: "The generation that is meant; another one that is active is refused.") var generation: Int?

  func run() throws {
    let session = try Session(options, isWayBack: true)
    // Where nobody listens it goes on: what is active can be read by anybody.
    if let answer = try ControlClient(session)?.ask("boot", ["generation": Document.integer(generation)]) {
      let reverted = answer["reverted"]?.asString.map { ["the trial was reverted: \($0)"] } ?? []
      return session.answer(answer, warnings: answer.warnings + reverted) { answer["path"]?.asString ?? "" }
    }
    let result = try Registry.boot(session.root, generation: generation, session.settings)
    let warnings =
      result.warnings + (result.reverted.map { ["the trial was reverted: \($0.rawValue)"] } ?? [])
    session.answer(Document.boot(result), warnings: warnings) { result.path }
  }
}
