import ArgumentParser
import Foundation
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Diff: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "How two versions differ: by file, by metadata, by tensor.",
    discussion: """
      Files with the same digest are the same and are not read. Changed safetensors, npy and npz files are compared \
      tensor by tensor.
      """)

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The version to start from.") var from: String
  @Argument(help: "The version to compare it with.") var to: String

  func run() throws {
    let session = try Session(options)
    let (from, to) = (try Reference(parsing: from), try Reference(parsing: to))
    let diff = try session.openForReading().diff(from, to)
    session.answer(Document.diff(diff)) { options.quiet ? Self.paths(diff) : Self.text(diff) }
  }

  private static func paths(_ diff: VersionDiff) -> String {
    let paths = (diff.addedFiles + diff.removedFiles).map(\.path) + diff.changedFiles.map(\.path)
    return paths.sorted().map(\.text).joined(separator: "\n")
  }

  private static func text(_ diff: VersionDiff) -> String {
    let parts = [files(diff), fields(diff), tensors(diff)].compactMap { $0 }
    guard !parts.isEmpty else { return "\(diff.from) and \(diff.to) do not differ" }
    return (["\(diff.from) → \(diff.to)"] + parts).joined(separator: "\n\n")
  }

  private static func files(_ diff: VersionDiff) -> String? {
    func size(_ file: Manifest.File) -> String { "\(ByteCount(bytes: file.bytes))" }
    let rows =
      diff.removedFiles.map { ["-", $0.path.text, size($0), "", $0.digest.short] }
      + diff.addedFiles.map { ["+", $0.path.text, "", size($0), $0.digest.short] }
      + diff.changedFiles.map { ["~", $0.path.text, size($0.from), size($0.to), $0.to.digest.short] }
    let table = Excerpt.text(
      [("", .left), ("FILE", .left), ("FROM", .right), ("TO", .right), ("DIGEST", .left)], rows)
    let problems = diff.changedFiles.compactMap { file in
      file.problem.map { "\(file.path): tensors were not compared: \($0)" }
    }
    return table.map { ([$0] + problems.prefix(Excerpt.rows)).joined(separator: "\n") }
  }

  private static func fields(_ diff: VersionDiff) -> String? {
    let rows = diff.fields.flatMap { change -> [[String]] in
      // Of metrics and the like only what differs is of interest.
      guard let old = members(change.from), let new = members(change.to), !(old.isEmpty && new.isEmpty) else {
        return [[change.name, word(change.from), word(change.to)]]
      }
      return Set(old.keys).union(new.keys).sorted().filter { old[$0] != new[$0] }.map {
        ["\(change.name).\($0)", word(old[$0]), word(new[$0])]
      }
    }
    return Excerpt.text([("FIELD", .left), ("FROM", .left), ("TO", .left)], rows)
  }

  /// The fields of an object; `null` is one without any.
  private static func members(_ value: JSONValue) -> [String: JSONValue]? {
    value.isNull ? [:] : value.asObject
  }

  private static func word(_ value: JSONValue?) -> String {
    guard let value, !value.isNull else { return "-" }
    return value.asString ?? value.canonicalText
  }

  private static func tensors(_ diff: VersionDiff) -> String? {
    let tensors = diff.tensors
    let rows =
      tensors.removed.map { ["-", $0.tensor.name, Excerpt.kind($0.tensor), "", "", $0.path.text] }
      + tensors.added.map { ["+", $0.tensor.name, "", Excerpt.kind($0.tensor), "", $0.path.text] }
      + tensors.changed.map {
        ["~", $0.name, Excerpt.kind($0.from), Excerpt.kind($0.to), difference($0), $0.path.text]
      }
    let table = Excerpt.text(
      [
        ("", .left), ("TENSOR", .left), ("FROM", .left), ("TO", .left), ("MAX DIFFERENCE", .right),
        ("FILE", .left),
      ], rows)
    let unchanged =
      tensors.unchanged > 0
      ? "\(Sentence.count(tensors.unchanged, "tensor")) of changed files \(tensors.unchanged == 1 ? "is" : "are") the same"
      : nil
    let parts = [table, unchanged].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  /// In four digits; the size of a change matters, and not its last digit.
  private static func difference(_ change: TensorChange) -> String {
    guard let largest = change.largestDifference else { return "-" }
    return largest.isFinite ? String(format: "%.4g", largest) : "NaN or ∞"
  }
}
