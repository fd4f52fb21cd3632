import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Show: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "One version, its manifest, and what is in its files.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The version.") var reference: String

  func run() throws {
    let session = try Session(options)
    let registry = try session.openForReading()
    let (summary, manifest) = try registry.show(try Reference(parsing: reference))
    let files = try registry.insight(of: .version(summary.version)).files
    session.answer(Document.shown(summary, manifest, files), warnings: warnings(files)) {
      ([text(summary, manifest, files)] + [tensors(files)].compactMap { $0 }).joined(separator: "\n\n")
    }
  }

  /// One line, however many files there are.
  private func warnings(_ files: [FileInsight]) -> [String] {
    let paths = files.filter(\.runsCode).map(\.path.text)
    guard let first = paths.first else { return [] }
    let others = paths.count > 1 ? " and \(Sentence.count(paths.count - 1, "other file"))" : ""
    return ["loading \(first)\(others) can run code that stands in it: load it only if you trust its author"]
  }

  private func tensors(_ files: [FileInsight]) -> String? {
    let tensors = files.flatMap { file in file.tensors.map { (file.path, $0) } }
    return Excerpt.text(
      [("TENSOR", .left), ("DTYPE", .left), ("SHAPE", .left), ("SIZE", .right), ("FILE", .left)],
      tensors.map { path, tensor in
        [tensor.name, tensor.dtype, "\(tensor.shape)", "\(ByteCount(bytes: tensor.bytes))", path.text]
      })
  }

  private func text(_ summary: VersionSummary, _ manifest: Manifest, _ files: [FileInsight]) -> String {
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
    for file in files.filter({ $0.format != .other }).prefix(Excerpt.rows) {
      let count = file.tensors.isEmpty ? "" : ", \(Sentence.count(file.tensors.count, "tensor"))"
      lines.append(("format", "\(file.path): \(file.format.rawValue)\(count)"))
    }
    for file in files.filter({ $0.problem != nil }).prefix(Excerpt.rows) {
      lines.append(("problem", "\(file.path): \(file.problem ?? "")"))
    }
    return lines.map { $0.0.padding(to: 10) + $0.1 }.joined(separator: "\n")
  }
}
