import DurableFiles
import RegistryModel

/// Small facts that outlive the index: blocked digests, pins, channels and evaluations.
///
/// A mark is a symbolic link whose name is the fact and whose target text is its comment. It is born whole or
/// not at all, and one `fsync` of its directory makes it durable (docs/format.md, "Layout").
struct MarkStore: Sendable {
  static let commentBytes = 512

  let store: Store

  /// Marks whose names mean nothing: somebody meant to block or to pin, and it does not count.
  func problems() throws -> [String] {
    let blocks = try store.blocked.entries().filter { (try? Digest(hex: $0.name)) == nil }
    let pins = try store.pins.entries().filter { (try? VersionID(parsing: $0.name)) == nil }
    return try blocks.map { "marks/blocked/\($0.name.quoted) names no digest; block again and remove it" }
      + pins.map { "marks/pins/\($0.name.quoted) names no version; pin again and remove it" }
      + channelSettings().problems + evaluations().problems
  }

  // MARK: Blocked digests

  func blocked() throws -> Set<Digest> {
    Set(try store.blocked.entries().compactMap { try? Digest(hex: $0.name) })
  }

  /// Why a digest is blocked; nil when it isn't.
  func reasonForBlock(of digest: Digest) throws -> String? { try store.blocked.readLink(digest.hex) }

  /// Blocks digests; durable when it returns. One flush for any number of them, also where marks were there: nobody
  /// knows whether whoever made them lived to sync them.
  func block(_ digests: [Digest], at now: Timestamp, reason: String) throws {
    for digest in digests { _ = try mark(digest.hex, in: store.blocked, "\(now) \(reason)") }
    if !digests.isEmpty { try store.blocked.sync() }
  }

  /// Takes blocks away, durably, also those that somebody took who may not have lived to flush it; the digests that had one
  /// are returned.
  func unblock(_ digests: [Digest]) throws -> [Digest] {
    let removed = try digests.filter { try store.blocked.remove($0.hex) }
    if !digests.isEmpty { try store.blocked.sync() }
    return removed
  }

  // MARK: Pins

  func pins() throws -> Set<VersionID> {
    Set(try store.pins.entries().compactMap { try? VersionID(parsing: $0.name) })
  }

  /// Pins a version; false when it was pinned already.
  func pin(_ version: VersionID, at now: Timestamp, by: String) throws -> Bool {
    let isNew = try mark(version.description, in: store.pins, "\(now) \(by)")
    try afterwards(
      "make the pin durable", standing: "\(version) is pinned, and a power cut may take that back"
    ) {
      try store.pins.sync()
    }
    return isNew
  }

  /// Takes a pin away, durably, also where it was away already; false then.
  func unpin(_ version: VersionID) throws -> Bool {
    let wasPinned = try store.pins.remove(version.description)
    try afterwards(
      "make that durable", standing: "\(version) is not pinned, and a power cut may take that back"
    ) {
      try store.pins.sync()
    }
    return wasPinned
  }

  private func mark(_ name: String, in directory: Directory, _ comment: String) throws -> Bool {
    do {
      try directory.makeLink(name, to: Self.bounded(comment))
      return true
    } catch {
      guard error.exists else { throw error }
      return false
    }
  }

  /// A link's text is bounded and holds no NUL; line ends would break listings.
  private static func bounded(_ comment: String) -> String {
    var text = ""
    for scalar in comment.unicodeScalars {
      let safe: Character = scalar.value < 32 || scalar.value == 127 ? " " : Character(scalar)
      guard text.utf8.count + safe.utf8.count <= commentBytes else { break }
      text.append(safe)
    }
    return text
  }
}
