import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Rollback: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Return to the last good generation, offline, at once.")

  @OptionGroup var options: GlobalOptions
  @Option(help: "Go to this generation instead of along the chain.") var to: Int?
  @Flag(help: "Block what is left behind, so that it isn't activated again.") var bad = false
  @Option(help: "Why; kept in history and audit.") var reason: String?
  @OptionGroup var expectation: ExpectedGeneration
  @Flag(help: "Only say where it would go.") var dryRun = false

  func run() throws {
    let session = try Session(options, isWayBack: true)
    if dryRun { return try rehearse(session) }
    let wish: [String: JSONValue] = [
      "to": Document.integer(to), "bad": .bool(bad), "reason": .orNull(reason),
      "if_generation": Document.integer(try expectation.number),
    ]
    if let answer = try ControlClient(session)?.post("rollback", wish) {
      return session.answer(answer, warnings: answer.warnings) {
        options.quiet ? answer.generation : "rolled back: \(Sentence.state(answer))"
      }
    }
    let registry = try session.openWithoutIndex()
    let result = try registry.rollback(
      to: to, bad: bad, reason: reason, expecting: expectation.number)
    session.answer(Document.switchResult(result, root: session.root), warnings: result.warnings) {
      options.quiet ? "\(result.generation)" : "rolled back: \(Sentence.state(result))"
    }
    registry.tidy()
  }

  private func rehearse(_ session: Session) throws {
    let target = try session.openForReading(acceptsLostIndex: true).rollbackTarget(to: to)
    session.answer(["generation": .integer(target), "dry_run": true]) {
      options.quiet ? "\(target)" : "would roll back to generation \(target)"
    }
  }
}
