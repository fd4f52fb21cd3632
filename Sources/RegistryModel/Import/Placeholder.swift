/// Text that somebody meant to replace before others would see it.
enum Placeholder {
  /// In lower case, whatever the text has.
  private static let words = ["replace_me", "replaceme", "change_me", "changeme"].map { Array($0.utf8) }
  /// In two parts, as in one it would be a reminder of ours.
  private static let reminder = Array(("TO" + "DO").utf8)

  /// `<fill-after-export>`, `REPLACE_ME`, `CHANGEME`, a to-do, or a digest of zeros.
  static func isOne(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      let lastClose = bytes.lastIndex(of: UInt8(ascii: ">")) ?? -1
      return isZeroDigest(bytes[...])
        || bytes.indices.contains { begins(at: $0, in: bytes, lastClose: lastClose) }
    }
  }

  static func isZeroDigest(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { isZeroDigest($0[...]) }
  }

  private static func isZeroDigest(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    let digits = bytes.starts(with: Digest.prefix.utf8) ? bytes.dropFirst(Digest.prefix.utf8.count) : bytes
    return digits.count == 2 * Digest.byteCount && digits.allSatisfy { $0 == UInt8(ascii: "0") }
  }

  /// Whether a word between angle brackets (`a < b` is none), or one of the known words, begins here.
  /// `lastClose` is where the last `>` stands, -1 without one: looked for once, as a text may open many.
  private static func begins(
    at index: Int, in bytes: UnsafeBufferPointer<UInt8>, lastClose: Int
  ) -> Bool {
    switch bytes[index] {
    case UInt8(ascii: "<"):
      let rest = bytes[(index + 1)...]
      return rest.first.map { $0.isASCIILowercase || $0.isASCIIUppercase } ?? false
        && index < lastClose
    case UInt8(ascii: "r"), UInt8(ascii: "R"), UInt8(ascii: "c"), UInt8(ascii: "C"):
      return words.contains { word in
        bytes.count - index >= word.count
          && word.indices.allSatisfy { lowercase(bytes[index + $0]) == word[$0] }
      }
    case UInt8(ascii: "T"):
      let end = index + reminder.count
      return bytes[index...].starts(with: reminder) && (index == 0 || !isOfWord(bytes[index - 1]))
        && (end == bytes.count || !isOfWord(bytes[end]))
    default: return false
    }
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 { byte.isASCIIUppercase ? byte | 0x20 : byte }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    byte.isASCIILowercase || byte.isASCIIUppercase || byte.isASCIIDigit || byte == UInt8(ascii: "_")
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
