import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Push: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "push",
    abstract: "Send versions to the remote; what can't be sent now waits for the next sync.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The versions.") var references: [String]
  @Flag(help: "Put the files themselves beside the manifest, too, for readers that know only folders.")
  var plain = false

  func run() throws {
    let session = try Session(options)
    let references = try references.map { try Reference(parsing: $0) }
    let registry = try session.open()
    var result = SyncResult()
    for reference in references {
      let bar = ProgressBar("push \(reference)", options)
      defer { bar?.finish() }
      result.add(try registry.push(reference, plain: plain, progress: bar?.show))
    }
    session.answer(Document.synced(result)) {
      result.pushed.map { options.quiet ? $0.description : "pushed \($0)" }.joined(separator: "\n")
    }
    registry.tidy()
  }
}
