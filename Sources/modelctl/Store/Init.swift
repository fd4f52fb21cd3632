import ArgumentParser
import ModelRegistry
import RegistryModel

struct Init: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a store, or complete one.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let session = try Session(options)
    let registry = try Registry.create(session.root, session.settings)
    let schema = registry.schema
    session.answer(["root": .string(session.root), "schema": .integer(schema)]) {
      options.quiet ? session.root : "The store \(session.root) is ready (schema \(schema))."
    }
  }
}
