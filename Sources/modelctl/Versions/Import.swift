import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Import: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make versions of a model that lies in somebody else's layout.",
    discussion: """
      PATH is a folder, a zip, a tar or tar.gz, or one model file; or the URI of such on a remote that is set or allowed. Nothing is imported where a digest is wrong, a \
      placeholder stands or a path escapes. A root of several versions is imported whole or not at all.
      """)

  @OptionGroup var options: GlobalOptions

  @Argument(help: "A folder, an archive or a model file.") var path: String
  @Option(name: .customLong("as"), help: "The adapter, where the layout doesn't name it or another is meant.")
  var adapter: String?
  @Option(help: "The number to take, whatever the layout says.") var version: Int?

  func run() throws {
    let session = try Session(options)
    let request = ImportRequest(
      path: path, adapter: try adapter.map { try AdapterName(parsing: $0) }, number: version)
    try request.check()
    let registry = try session.openOrCreate()
    let bar = ProgressBar("import", options)
    let clock = ContinuousClock()
    var results: [PublishResult] = []
    let duration = try clock.measure {
      results = try registry.importVersions(request, progress: bar?.show)
    }
    bar?.finish()
    session.answer(Document.imported(results, seconds: duration / .seconds(1))) { text(results) }
    registry.tidy()
  }

  private func text(_ results: [PublishResult]) -> String {
    results.map { options.quiet ? $0.version.description : Sentence.published($0, verb: "imported") }
      .joined(separator: "\n")
  }
}
