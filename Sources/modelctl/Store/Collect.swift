import ArgumentParser
import ModelRegistry
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
    session.answer(document(result)) { text(result) }
    registry.tidy()
  }

  private func document(_ result: CollectionResult) -> JSONValue {
    [
      "removed_versions": .integer(result.removedVersions.count),
      "removed_blobs": .integer(result.removedBlobs.count),
      "removed_generations": .integer(result.removedGenerations.count),
      "freed_bytes": .integer(result.freedBytes), "dry_run": .bool(dryRun),
      "versions": .array(result.removedVersions.map { .string($0.description) }),
      "kept": .object(
        Dictionary(uniqueKeysWithValues: result.kept.map { ($0.key.description, .string($0.value)) })),
    ]
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
