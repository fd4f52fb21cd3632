import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Bundle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Versions, lineage and channels in one file, for a way without a network.",
    subcommands: [BundleCreate.self, BundleInstall.self])
}

struct BundleCreate: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Write versions into a file.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The versions.") var references: [String]
  @Option(name: .shortAndLong, help: "The file; it must not be there yet.") var output: String

  func run() throws {
    let session = try Session(options)
    let references = try references.map { try Reference(parsing: $0) }
    let registry = try session.openForReading()
    let bar = ProgressBar("bundle", options)
    let result = try registry.createBundle(references, at: output, progress: bar?.show)
    bar?.finish()
    session.answer([
      "path": .string(result.path), "bytes": .integer(result.bytes),
      "versions": .array(result.versions.map { .string($0.description) }),
      "channels": .array(result.channels.map(Document.channel)),
    ]) {
      if options.quiet { return result.path }
      return "\(result.path): \(result.versions.map(\.description).joined(separator: ", ")), "
        + "\(ByteCount(bytes: result.bytes))"
    }
  }
}

struct BundleInstall: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Install the versions of a file, verified like a download.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The file.") var file: String

  func run() throws {
    let session = try Session(options)
    let registry = try session.openOrCreate()
    let bar = ProgressBar("install", options)
    defer { bar?.finish() }
    let result = try registry.installBundle(at: file, progress: bar?.show)
    bar?.finish()
    session.answer([
      "versions": .array(result.versions.map(Document.installed)),
      "channels": .array(result.channels.map(Document.channel)),
    ]) {
      let versions = result.versions.map { version in
        if options.quiet { return version.version.description }
        return version.alreadyInstalled
          ? "\(version.version) is installed already" : "installed \(version.version)"
      }
      let channels = options.quiet ? [] : result.channels.map { "\($0.channel) names \($0.version)" }
      return (versions + channels).joined(separator: "\n")
    }
    registry.tidy()
  }
}
