import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Rebuild: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild",
    abstract: "Make the index again from the files beside it; says what can't come back.",
    discussion: "An index that can be read is completed and keeps its record. No link and no byte is touched."
  )

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let session = try Session(options)
    RebuildAnswer(session).print(try Registry.rebuild(session.root, session.settings))
  }
}

struct Restore: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Put a backup in the index's place, and complete it from the files beside it.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "A file that `modelctl backup` wrote.") var file: String
  @Flag(help: "Also in the place of a sound index; its record since the backup is lost.") var force = false

  func run() throws {
    let session = try Session(options)
    RebuildAnswer(session).print(
      try Registry.restore(session.root, from: file, force: force, session.settings))
  }
}

struct Backup: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Write a copy of the index to a file: names, lineage, history, audit.",
    discussion: "The bytes of versions are not in it: keep them on a remote, or in a bundle.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The file; an earlier backup of that name is replaced in one step.") var file: String

  func run() throws {
    let session = try Session(options)
    let result = try session.openForReading().backup(to: file)
    session.answer([
      "file": .string(file), "bytes": .integer(result.bytes), "versions": .integer(result.versions),
      "head": Document.head(result.head),
    ]) {
      if options.quiet { return file }
      return "backed up the index to \(file): \(ByteCount(bytes: result.bytes)), "
        + "\(Sentence.count(result.versions, "version")), without their bytes"
    }
  }
}

/// What rebuild and restore print.
struct RebuildAnswer {
  let session: Session

  init(_ session: Session) { self.session = session }

  func print(_ result: RebuildResult) {
    session.answer(document(result)) { session.options.quiet ? "\(result.versions)" : text(result) }
  }

  private func document(_ result: RebuildResult) -> JSONValue {
    [
      "base": .string(result.base.rawValue), "versions": .integer(result.versions),
      "installed": .integer(result.installed), "added": .integer(result.added),
      "generations": .integer(result.generations), "channels": .integer(result.channels),
      "evaluations": .integer(result.evaluations), "head": Document.head(result.head),
      "lost": .array(result.lost.map(JSONValue.string)),
      "problems": .array(result.problems.map(JSONValue.string)),
    ]
  }

  private func text(_ result: RebuildResult) -> String {
    let base =
      switch result.base {
      case .index: "the index could be read, and was completed"
      case .backup: "the backup is in the index's place, and was completed"
      case .nothing: "the index was made again"
      }
    var lines = [
      "\(base): \(Sentence.count(result.versions, "version")), \(result.installed) installed",
      "came back: \(Sentence.count(result.generations, "generation")), "
        + "\(Sentence.count(result.channels, "setting")) of channels, "
        + "\(Sentence.count(result.evaluations, "evaluation")), \(result.added) in all",
    ]
    lines += result.lost.map { "can't come back: \($0)" }
    lines += result.problems.map { "PROBLEM  \($0)" }
    return lines.joined(separator: "\n")
  }
}
