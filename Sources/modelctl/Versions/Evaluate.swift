import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Evaluate: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Attach measured results to a version.",
    discussion: "The file holds a JSON object and is kept byte for byte. The same bytes again change nothing."
  )

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The version.") var reference: String
  @Option(help: "A file with a JSON object.") var result: String
  @Option(help: "Who measured; you if left out.") var by: String?

  func run() throws {
    let session = try Session(options)
    let reference = try Reference(parsing: reference)
    let registry = try session.open()
    let outcome = try registry.evaluate(reference, result: result, by: by)
    let record = outcome.record
    session.answer(Document.evaluated(outcome)) {
      if options.quiet { return record.digest.description }
      return outcome.existing
        ? "\(record.version) has this evaluation already (\(record.digest.short))"
        : "evaluated \(record.version): \(record.digest.short)"
    }
    registry.tidy()
  }
}
