import DurableFiles
import RegistryModel

// Tokens made and taken back, by whoever holds the lock `tokens`.
//
// Order (docs/format.md, T1–T7): a new token's file is whole and flushed before the audit has its record, and gets its
// name after that, so that no usable token is without a record. A revocation has its note flushed before the
// revoked file takes the place of the other, and its record comes last: the token is refused from the rename on,
// and whoever opens the store next finds the note and adds the record that is missing. A crash leaves a record of a token
// that nobody has, a note, or a file in the making, never a usable token that was called revoked.

extension TokenFolder {
  /// What a command that was interrupted leaves, or one that is running has for a moment. No token's name begins so.
  enum Leftover {
    /// A file that never became a token.
    case file(String)
    /// A revocation that may have no record; it was begun after the record of this number.
    case note(TokenName, after: Int64)

    static let unfinished = ".new"
    static let notePrefix = ".revoke-"

    static func isOne(_ entry: DirectoryEntry) -> Bool {
      switch entry.kind {
      case .file: entry.name == unfinished || entry.name.hasPrefix("\(unfinished)-")
      case .link: entry.name.afterPrefix(notePrefix).map { (try? TokenName(parsing: $0)) != nil } ?? false
      default: false
      }
    }

    static func noteName(_ name: TokenName) -> String { "\(notePrefix)\(name)" }
  }

  func leftovers() throws(FileError) -> [Leftover] {
    var found: [Leftover] = []
    for entry in try folder.entries() where Leftover.isOne(entry) {
      guard let text = entry.name.afterPrefix(Leftover.notePrefix) else {
        found.append(.file(entry.name))
        continue
      }
      guard let name = try? TokenName(parsing: text) else { continue }
      // A text that isn't a number is taken for the smallest: then all records are looked at.
      let seq = (try? folder.readLink(entry.name)).flatMap { $0 }.flatMap { Int64($0) }
      found.append(.note(name, after: max(0, seq ?? 0)))
    }
    return found
  }

  /// Whether a token of this name was ever made; also where its file can't be read.
  func has(_ name: TokenName) throws(FileError) -> Bool { try folder.status(name.text) != nil }

  /// A file without a name for the record, durable but for that.
  func stage(_ record: TokenRecord) throws -> NewFile {
    let file = try folder.createFile(mode: 0o600)
    try record.canonicalBytes.withUnsafeBytes { try file.write($0) }
    try file.sync()
    return file
  }

  /// Says durably that a revocation is under way.
  func note(_ name: TokenName, after seq: Int64) throws(FileError) {
    do {
      try folder.makeLink(Leftover.noteName(name), to: "\(seq)")
    } catch {
      // One of an attempt that failed: it has the smaller number, which is as good.
      guard error.exists else { throw error }
    }
    try folder.sync()
  }

  /// Takes the note back. A power cut may bring it again, and then the record is found.
  func forgetNote(_ name: TokenName) throws(FileError) { try folder.remove(Leftover.noteName(name)) }

  /// Puts the record in the place of the token's file; durable after `sync()` of the folder.
  func replace(with record: TokenRecord) throws {
    let file = try stage(record)
    try folder.remove(Leftover.unfinished)
    guard try file.link(as: Leftover.unfinished, in: folder) else {
      throw RegistryError(
        .busy, "somebody else writes to private/tokens", unchanged: "the token is as it was",
        hint: "run the command again")
    }
    try folder.rename(Leftover.unfinished, to: record.name.text, replacing: true)
  }
}
