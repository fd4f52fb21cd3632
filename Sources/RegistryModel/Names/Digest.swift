/// A SHA-256 value, the name of a blob and the identity of a version.
///
/// Held as four machine words, so that comparing and hashing one costs no allocation. Ordered bytewise, which is
/// also the order of the hexadecimal text. This type does not compute digests: bytes are hashed where they pass.
public struct Digest: Hashable, Sendable {
  /// How many bytes a digest has.
  public static let byteCount = 32
  /// What stands before the hexadecimal digits in text.
  public static let prefix = "sha256:"

  private let word0: UInt64
  private let word1: UInt64
  private let word2: UInt64
  private let word3: UInt64

  /// Makes a digest of exactly 32 bytes, nil for any other number.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    var iterator = bytes.makeIterator()
    func nextWord() -> UInt64 {
      var word: UInt64 = 0
      for _ in 0..<8 { word = word << 8 | UInt64(iterator.next() ?? 0) }
      return word
    }
    word0 = nextWord()
    word1 = nextWord()
    word2 = nextWord()
    word3 = nextWord()
  }

  /// Reads `sha256:` and 64 lower-case hexadecimal digits, nothing before, between or after.
  ///
  /// - Throws: `usage` for every other text; upper case is refused, so that a digest has one spelling.
  public init(parsing text: String) throws(RegistryError) {
    guard let hex = text.afterPrefix(Self.prefix) else {
      throw Self.malformed(text)
    }
    try self.init(hex: hex)
  }

  /// Reads 64 lower-case hexadecimal digits without a prefix.
  ///
  /// - Throws: `usage` for every other text.
  public init(hex: String) throws(RegistryError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    var high: UInt8?
    for byte in hex.utf8.prefix(2 * Self.byteCount + 1) {
      guard let value = byte.lowercaseHexValue else { throw Self.malformed(hex) }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    guard high == nil, let digest = Digest(bytes: bytes) else { throw Self.malformed(hex) }
    self = digest
  }

  private static func malformed(_ text: String) -> RegistryError {
    RegistryError(
      .usage, "\(text.quoted) is not a digest", hint: "write sha256: and 64 lower-case hexadecimal digits")
  }

  /// The 32 bytes, most significant first.
  public var bytes: [UInt8] {
    [word0, word1, word2, word3].flatMap { word in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
    }
  }

  /// The 64 lower-case hexadecimal digits without a prefix.
  public var hex: String {
    var digits: [UInt8] = []
    digits.reserveCapacity(2 * Self.byteCount)
    for word in [word0, word1, word2, word3] {
      for shift in stride(from: UInt64(60), through: 0, by: -4) {
        digits.append(UInt8(lowercaseHexDigit: UInt8(truncatingIfNeeded: word >> shift)))
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// 1 where both are the same and 0 where not, found in a time that doesn't depend on where they differ.
  package func sameness(as other: Digest) -> UInt64 {
    let difference =
      (word0 ^ other.word0) | (word1 ^ other.word1) | (word2 ^ other.word2) | (word3 ^ other.word3)
    return ((difference | (0 &- difference)) >> 63) ^ 1
  }

  /// `sha256:` and the first 12 hexadecimal digits, for people; a reference accepts it too.
  public var short: String { Self.prefix + hex.prefix(DigestPrefix.minimumDigits) }
}

extension Digest: Comparable {
  public static func < (lhs: Digest, rhs: Digest) -> Bool {
    (lhs.word0, lhs.word1, lhs.word2, lhs.word3) < (rhs.word0, rhs.word1, rhs.word2, rhs.word3)
  }
}

extension Digest: CustomStringConvertible {
  /// `sha256:` and 64 lower-case hexadecimal digits, as ``init(parsing:)`` reads it.
  public var description: String { Self.prefix + hex }
}
