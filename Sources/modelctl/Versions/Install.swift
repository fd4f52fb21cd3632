import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Install: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Build the trees of versions from bytes that are here, else from the remote, verified.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The versions.") var references: [String]

  func run() throws {
    let session = try Session(options)
    let references = try references.map { try Reference(parsing: $0) }
    let registry = try session.open()
    let bar = ProgressBar("install", options)
    defer { bar?.finish() }
    let results = try references.map { try registry.install($0, progress: bar?.show) }
    bar?.finish()
    session.answer(["versions": .array(results.map(Document.installed))]) {
      results.map { result in
        if options.quiet { return result.version.description }
        return result.alreadyInstalled
          ? "\(result.version) is installed already" : "installed \(result.version)"
      }.joined(separator: "\n")
    }
    registry.tidy()
  }

}
