import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Uninstall: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall",
    abstract: "Remove a version's tree; gc frees its bytes, its name and history stay.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The version.") var reference: String
  @Flag(help: "Only say what would go.") var dryRun = false

  func run() throws {
    let session = try Session(options)
    let registry = try session.open()
    let result = try registry.uninstall(try Reference(parsing: reference), dryRun: dryRun)
    session.answer(Document.uninstalled(result, dryRun: dryRun)) {
      if options.quiet { return result.version.description }
      let verb = dryRun ? "would uninstall" : "uninstalled"
      return "\(verb) \(result.version); the next gc frees \(ByteCount(bytes: result.freeableBytes))"
    }
    registry.tidy()
  }
}
