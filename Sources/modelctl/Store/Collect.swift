import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Collect: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Free what nothing needs: bytes of uninstalled versions, old generations.")

  @OptionGroup var options: GlobalOptions

  @Option(help: "Also uninstall all but the newest N versions of each adapter.")
  var keep: Int?

  @Option(help: "Also uninstall versions made longer ago than this (7d).")
  var olderThan: String?

  @Flag(help: "Only say what would go.")
  var dryRun = false

  func run() throws {
    if let keep, keep < 0 {
      throw RegistryError(.usage, "--keep takes a number from 0 on", hint: "for example --keep 3")
    }
    let session = try Session(options)
    let registry = try session.open()
    let policy = CollectionPolicy(
      keep: keep, olderThanMilliseconds: try olderThan.map { try DurationText(parsing: $0).milliseconds })
    let result = try registry.collect(policy, dryRun: dryRun)
    session.answer(Document.collected(result, dryRun: dryRun)) { text(result) }
    registry.tidy()
  }

  private func text(_ result: CollectionResult) -> String {
    let verb = dryRun ? "would remove" : "removed"
    var lines = result.removedVersions.map { "\(verb) \($0)" }
    lines += result.kept.sorted { $0.key < $1.key }.map { "kept \($0.key): \($0.value)" }
    let counts = [
      Sentence.count(result.removedVersions.count, "version"),
      Sentence.count(result.removedBlobs.count, "blob"),
      Sentence.count(result.removedGenerations.count, "generation"),
    ]
    lines.append("\(verb) \(counts.joined(separator: ", ")): \(ByteCount(bytes: result.freedBytes))")
    return lines.joined(separator: "\n")
  }
}
