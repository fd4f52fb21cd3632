import ArgumentParser
import ModelRegistry
import RegistryModel

struct Show: StoreCommand {
  static let configuration = CommandConfiguration(abstract: "One version and its manifest.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The version.") var reference: String

  func run() throws {
    let session = try Session(options)
    let (summary, manifest) = try session.openForReading().show(try Reference(parsing: reference))
    session.answer(document(summary, manifest)) { text(summary, manifest) }
  }

  private func document(_ summary: VersionSummary, _ manifest: Manifest) -> JSONValue {
    let own = manifest.json.asObject ?? [:]
    return .object(own.merging(Document.version(summary).asObject ?? [:]) { mine, _ in mine })
  }

  private func text(_ summary: VersionSummary, _ manifest: Manifest) -> String {
    var lines = [
      ("version", summary.version.description), ("digest", summary.digest.description),
      ("state", List.state(summary)), ("created", manifest.createdAt.description),
      ("model", "\(manifest.modelType), \(manifest.framework)"),
      ("size", "\(ByteCount(bytes: manifest.totalBytes)) in \(Sentence.count(manifest.files.count, "file"))"),
    ]
    if let base = manifest.base { lines.append(("base", "\(base.version) (\(base.digest.short))")) }
    if let job = manifest.job { lines.append(("job", job.id)) }
    for archive in manifest.archives { lines.append(("archive", archive.digest.description)) }
    for (name, value) in manifest.metrics.sorted(by: { $0.key < $1.key }) {
      lines.append(("metric", "\(name) = \(value)"))
    }
    for requirement in manifest.requires { lines.append(("requires", requirement.description)) }
    if let origin = manifest.origin { lines.append(("origin", "\(origin.layout) \(origin.version ?? "")")) }
    if let note = manifest.note { lines.append(("note", note)) }
    return lines.map { $0.0.padding(to: 10) + $0.1 }.joined(separator: "\n")
  }
}
