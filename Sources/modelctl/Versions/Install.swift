import ArgumentParser
import ModelRegistry
import RegistryModel

struct Install: StoreCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build the trees of versions from bytes that are here, verified.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The versions.") var references: [String]

  func run() throws {
    let session = try Session(options)
    let references = try references.map { try Reference(parsing: $0) }
    let registry = try session.open()
    let results = try references.map { try registry.install($0) }
    session.answer(["versions": .array(results.map(document))]) {
      results.map { result in
        if options.quiet { return result.version.description }
        return result.alreadyInstalled
          ? "\(result.version) is installed already" : "installed \(result.version)"
      }.joined(separator: "\n")
    }
    registry.tidy()
  }

  private func document(_ result: InstallResult) -> JSONValue {
    [
      "version": .string(result.version.description), "digest": .string(result.digest.description),
      "fetched_bytes": .integer(result.fetchedBytes), "reused_bytes": .integer(result.reusedBytes),
      "already_installed": .bool(result.alreadyInstalled),
    ]
  }
}
