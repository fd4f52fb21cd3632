/// A path of a file inside a version or an archive, safe to append to a directory.
///
/// The only way to one is ``init(parsing:)``, so a value is never absolute, never leaves its directory and never
/// hides what it names. Equality and order go by UTF-8 bytes, as on the file systems of robots; whether two paths
/// could meet on a friendlier file system is what ``foldedKey`` answers.
public struct RelativePath: Sendable {
  /// The longest component, in bytes: what ext4, XFS and btrfs can store.
  public static let maximumComponentBytes = 255
  /// The longest path, in bytes; leaves room below PATH_MAX (4096) for the store's own directories.
  public static let maximumBytes = 1024
  /// The most components.
  public static let maximumDepth = 32

  /// The path, components separated by `/`.
  public let text: String

  /// Reads a path.
  ///
  /// - Throws: `integrity` where it is empty, absolute, too long or too deep, ends in a slash, has an empty, `.` or
  ///   `..` component, or holds a backslash, a control, a bidirectional control or a noncharacter.
  public init(parsing text: String) throws(RegistryError) {
    if let problem = Self.problem(in: text) {
      throw RegistryError(
        .integrity, "the path \(text.quoted) \(problem)",
        hint: "use a relative path with plain names, such as checkpoints/adapter.npz")
    }
    self.text = text
  }

  private static func problem(in text: String) -> String? {
    let bytes = text.utf8
    guard let first = bytes.first else { return "is empty" }
    if first == UInt8(ascii: "/") { return "is absolute" }
    if bytes.last == UInt8(ascii: "/") { return "ends in a slash" }
    if bytes.count > maximumBytes { return "is longer than \(maximumBytes) bytes" }
    if bytes.contains(UInt8(ascii: "\\")) { return "holds a backslash" }
    if !bytes.allSatisfy(\.isASCIIPrintable), text.unicodeScalars.contains(where: \.isUnsafeInText) {
      return "holds a control character"
    }
    // Bytes are split, not characters: a combining mark after a slash would make another character of it.
    let components = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if components.count > maximumDepth { return "is deeper than \(maximumDepth) directories" }
    for component in components {
      if component.isEmpty { return "has an empty component" }
      if component.elementsEqual(".".utf8) { return "has a . component" }
      if component.elementsEqual("..".utf8) { return "has a .. component" }
      if component.count > maximumComponentBytes {
        return "has a component longer than \(maximumComponentBytes) bytes"
      }
    }
    return nil
  }

  /// The names between the slashes, at least one, none empty.
  public var components: [String] {
    text.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
  }

  /// A key that is equal for two paths which a case- or normalisation-insensitive file system takes for one.
  ///
  /// It is the path in Unicode lower case, compared as Swift compares strings: by canonical equivalence, so composed
  /// and decomposed spellings are equal too. Full case folding (`ß` and `ss`) is not attempted. For comparing and
  /// hashing only; never a name of a file.
  public var foldedKey: String { text.lowercased() }
}

extension RelativePath: Hashable {
  public static func == (lhs: RelativePath, rhs: RelativePath) -> Bool {
    lhs.text.utf8.elementsEqual(rhs.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    // Canonically equivalent texts share a hash, which is allowed: equal bytes always do.
    hasher.combine(text)
  }
}

extension RelativePath: Comparable {
  public static func < (lhs: RelativePath, rhs: RelativePath) -> Bool {
    lhs.text.utf8.lexicographicallyPrecedes(rhs.text.utf8)
  }
}

extension RelativePath: CustomStringConvertible {
  public var description: String { text }
}
