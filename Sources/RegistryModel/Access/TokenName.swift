/// What a bearer token is called: in the audit, in lists, and as its file.
///
/// `[a-z0-9][a-z0-9_.-]{0,62}`. It never begins with a dot, so that the store's own files beside it can.
public struct TokenName: Hashable, Sendable {
  /// The longest name, in bytes.
  public static let maximumBytes = 63

  /// The name as it is written.
  public let text: String

  /// Reads a name.
  ///
  /// - Throws: `usage` where the text is outside the alphabet.
  public init(parsing text: String) throws(RegistryError) {
    guard Self.hasAlphabet(text) else {
      throw RegistryError(
        .usage, "\(text.quoted) is not a token's name",
        hint: "use 1 to \(Self.maximumBytes) of a-z, 0-9, _, . and -, starting with a letter or digit")
    }
    self.text = text
  }

  private static func hasAlphabet(_ text: String) -> Bool {
    guard 1...maximumBytes ~= text.utf8.count, let first = text.utf8.first else { return false }
    guard first.isASCIILowercase || first.isASCIIDigit else { return false }
    return text.utf8.allSatisfy {
      $0.isASCIILowercase || $0.isASCIIDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        || $0 == UInt8(ascii: ".")
    }
  }

  /// Who asks, as the audit says it of a request that came with this token; also what its own records are about.
  public var caller: String { "token:\(text)" }
}

extension TokenName: Comparable {
  public static func < (lhs: TokenName, rhs: TokenName) -> Bool { lhs.text < rhs.text }
}

extension TokenName: CustomStringConvertible {
  public var description: String { text }
}
