/// The name of a line of versions, `robot_001`.
///
/// `[a-z0-9][a-z0-9_-]{0,62}`, and not ending in `_v` and digits, so that `robot_001_v4` can only be a version.
/// ASCII only: the name becomes a directory, an object name and part of a URL, and has one spelling in all of them.
/// ``reserved`` names are refused, as other links stand under them beside the adapters of a generation.
public struct AdapterName: Hashable, Sendable {
  /// The longest name, in bytes.
  public static let maximumBytes = 63
  /// What a generation's folder keeps for its own links (docs/format.md, "Layout").
  public static let reserved: Set<String> = ["back", "forward", "trial"]

  /// The name as it is written.
  public let text: String

  /// Reads a name.
  ///
  /// - Throws: `usage` where the text breaks the rules above.
  public init(parsing text: String) throws(RegistryError) {
    guard Self.hasNameAlphabet(text) else {
      throw RegistryError(
        .usage, "\(text.quoted) is not an adapter name",
        hint: "use 1 to \(Self.maximumBytes) of a-z, 0-9, _ and -, starting with a letter or digit")
    }
    guard !Self.endsLikeVersion(text) else {
      throw RegistryError(
        .usage, "\(text.quoted) is not an adapter name, as it ends like a version",
        hint: "leave out the _v and the digits at its end")
    }
    guard !Self.reserved.contains(text) else {
      throw RegistryError(
        .usage, "\(text.quoted) is reserved and cannot name an adapter",
        hint: "choose another name; these name links: \(Self.reserved.sorted().joined(separator: ", "))")
    }
    self.text = text
  }

  /// Whether a text is `[a-z0-9][a-z0-9_-]{0,62}`, the alphabet that adapters and channels share.
  package static func hasNameAlphabet(_ text: String) -> Bool {
    guard 1...maximumBytes ~= text.utf8.count, let first = text.utf8.first else { return false }
    guard first.isASCIILowercase || first.isASCIIDigit else { return false }
    return text.utf8.allSatisfy {
      $0.isASCIILowercase || $0.isASCIIDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
    }
  }

  private static func endsLikeVersion(_ text: String) -> Bool {
    let withoutDigits = text.utf8.reversed().drop(while: \.isASCIIDigit)
    return withoutDigits.count < text.utf8.count && withoutDigits.starts(with: "v_".utf8)
  }
}

extension AdapterName: Comparable {
  public static func < (lhs: AdapterName, rhs: AdapterName) -> Bool { lhs.text < rhs.text }
}

extension AdapterName: CustomStringConvertible {
  public var description: String { text }
}
