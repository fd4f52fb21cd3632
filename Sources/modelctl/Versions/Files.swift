import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Files: StoreCommand {
  static let configuration = CommandConfiguration(commandName: "files", abstract: "The files of a version.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var page: PageOptions
  @Argument(help: "The version.") var reference: String

  func run() throws {
    let session = try Session(options)
    let (version, files) = try session.openForReading().files(of: try Reference(parsing: reference))
    let after = try page.after.map { try RelativePath(parsing: $0) }
    let rest = after.map { after in files.filter { $0.path > after } } ?? files
    let shown = Array(rest.prefix(try page.checkedLimit()))
    let next = rest.count > shown.count ? shown.last?.path.text : nil
    session.answer([
      "version": .string(version.description), "files": .array(shown.map(Document.file)),
      "next": .orNull(next),
    ]) {
      if options.quiet { return shown.map(\.path.text).joined(separator: "\n") }
      var table = Table([("SIZE", .right), ("DIGEST", .left), ("PATH", .left)])
      for file in shown { table.add(["\(ByteCount(bytes: file.bytes))", file.digest.short, file.path.text]) }
      return table.text() + (next.map { "\nmore: --after \($0)" } ?? "")
    }
  }
}
