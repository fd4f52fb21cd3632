/// Text that somebody meant to replace before others would see it.
enum Placeholder {
  private static let words = ["replace_me", "replaceme", "change_me", "changeme"]
  /// In two parts, as in one it would be a reminder of ours.
  private static let reminder = "TO" + "DO"

  /// `<fill-after-export>`, `REPLACE_ME`, `CHANGEME`, a to-do, or a digest of zeros.
  static func isOne(_ text: String) -> Bool {
    if isZeroDigest(text) || hasBrackets(text) { return true }
    let lower = text.lowercased()
    if words.contains(where: { lower.utf8.contains($0.utf8) }) { return true }
    return text.utf8.split { !($0.isASCIIUppercase || $0.isASCIILowercase || $0.isASCIIDigit || $0 == 0x5f) }
      .contains { $0.elementsEqual(reminder.utf8) }
  }

  static func isZeroDigest(_ text: String) -> Bool {
    let digits = text.afterPrefix(Digest.prefix) ?? text
    return digits.utf8.count == 2 * Digest.byteCount && digits.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
  }

  /// A word between angle brackets; `a < b` is none.
  private static func hasBrackets(_ text: String) -> Bool {
    var rest = Substring(text).utf8
    while let open = rest.firstIndex(of: UInt8(ascii: "<")) {
      rest = rest[rest.index(after: open)...]
      guard let first = rest.first, first.isASCIILowercase || first.isASCIIUppercase else { continue }
      if rest.contains(UInt8(ascii: ">")) { return true }
    }
    return false
  }
}

extension Digest {
  /// Reads a digest as others write it: 64 hexadecimal digits in either case, with or without `sha256:`. Nil for all
  /// else.
  init?(foreign text: String) {
    let lower = text.utf8.count <= 71 ? text.lowercased() : ""
    guard let digest = try? Digest(hex: lower.afterPrefix(Self.prefix) ?? lower) else { return nil }
    self = digest
  }
}
