import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Confirm: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "End the trial well: what runs is good.")

  @OptionGroup var options: GlobalOptions
  @Option(help: "The generation that is meant; another one that is active is refused.") var generation: Int?

  func run() throws {
    let session = try Session(options)
    if let answer = try ControlClient(session)?.post("confirm", ["generation": Document.integer(generation)])
    {
      return session.answer(answer, warnings: answer.warnings) {
        options.quiet ? answer.generation : Sentence.state(answer)
      }
    }
    let registry = try session.open()
    let result = try registry.confirm(generation: generation)
    session.answer(
      Document.trial(result, reverted: nil, root: session.root), warnings: result.warnings
    ) { options.quiet ? "\(result.generation)" : Sentence.state(result) }
    registry.tidy()
  }
}
