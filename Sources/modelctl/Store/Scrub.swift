import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Scrub: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "scrub",
    abstract: "Read everything slowly, going on where the last run stopped; exits 5 on damage.")

  @OptionGroup var options: GlobalOptions
  @Option(help: "Bytes in a second at most (8MiB; 0: as fast as the medium gives them).") var rate: String?
  @Option(help: "Stop when so much was read (1GiB); without it at the end of the pass.") var limit: String?

  func run() throws {
    let session = try Session(options)
    var budget = ScrubBudget()
    if let rate {
      let bytes = try ByteCount(parsing: rate).bytes
      budget.bytesPerSecond = bytes == 0 ? nil : bytes
    }
    budget.bytes = try limit.map { try ByteCount(parsing: $0).bytes }
    let registry = try session.open()
    let bar = ProgressBar("scrub", options)
    let result = try registry.scrub(budget, progress: bar?.show)
    bar?.finish()
    session.answer(Document.scrubbed(result), warnings: result.warnings) { text(result) }
    registry.tidy()
    if !result.damaged.isEmpty { throw ExitStatus(code: 5) }
  }

  static func sentence(_ state: ScrubState) -> String {
    let last = state.finishedAt.map { "everything was read by \($0)" } ?? "not everything was ever read"
    guard let started = state.startedAt else { return last }
    return "\(Int(state.share * 100)) % since \(started); \(last)"
  }

  private func text(_ result: ScrubResult) -> String {
    var lines = [
      "\(Sentence.count(result.checkedBlobs, "blob")), \(ByteCount(bytes: result.checkedBytes)) read; "
        + Self.sentence(result.state)
    ]
    for damage in result.damaged {
      let versions = damage.versions.map(\.description).joined(separator: ", ")
      lines.append("DAMAGED  \(damage.paths.joined(separator: ", ")): \(damage.problem) (\(versions))")
    }
    if !result.damaged.isEmpty { lines.append("`modelctl verify --repair` brings good bytes where it can") }
    return lines.joined(separator: "\n")
  }
}
