import ArgumentParser
import ModelRegistry
import RegistryModel

struct Pin: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin", abstract: "Protect a version from uninstall and gc.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The version.") var reference: String

  func run() throws {
    let session = try Session(options)
    let version = try session.open().pin(try Reference(parsing: reference))
    session.answer(["version": .string(version.description), "pinned": true]) {
      options.quiet ? version.description : "\(version) is pinned"
    }
  }
}

struct Unpin: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin", abstract: "Take a version's protection away.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The version.") var reference: String

  func run() throws {
    let session = try Session(options)
    let version = try session.open().unpin(try Reference(parsing: reference))
    session.answer(["version": .string(version.description), "pinned": false]) {
      options.quiet ? version.description : "\(version) is not pinned"
    }
  }
}
