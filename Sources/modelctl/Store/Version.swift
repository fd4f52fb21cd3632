import ArgumentParser
import ModelRegistry
import RegistryModel

struct Version: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "The versions of this program and of what it uses.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let build = Build.current
    let document: JSONValue = [
      "version": .string(build.version), "schema": .integer(build.schema),
      "manifest": .string(Manifest.schema),
      "sqlite": .string(build.sqlite), "libcrypto": .string(build.libcrypto),
    ]
    if options.json { return print(document.canonicalText) }
    print(
      "modelctl \(build.version), schema \(build.schema), \(Manifest.schema), SQLite \(build.sqlite), \(build.libcrypto)"
    )
  }
}
