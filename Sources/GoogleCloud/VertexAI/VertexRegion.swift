public import RegistryModel

/// A region of Google Cloud, such as `us-central1`.
public struct VertexRegion: Hashable, Sendable {
  public let text: String

  /// - Throws: `usage` for anything but 1 to 40 of `a-z`, `0-9` and `-`, beginning with a letter: it becomes a part of a
  ///   host's name.
  public init(parsing text: String) throws(RegistryError) {
    func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 40,
      text.utf8.last != UInt8(ascii: "-"),
      text.utf8.allSatisfy({ isLetter($0) || $0.isASCIIDigit || $0 == UInt8(ascii: "-") })
    else {
      throw RegistryError(
        .usage, "\(text.quoted) is no region of Google Cloud", hint: "write it like us-central1")
    }
    self.text = text
  }
}

extension VertexRegion: CustomStringConvertible {
  public var description: String { text }
}
