/// A movable name for a version of one adapter: `stable`, `beta`.
///
/// The alphabet of adapter names. Reserved are `active`, `latest`, `previous` and `fallback`, everything that is only
/// digits or `v` and digits, and everything that starts with `sha256`: after `@` those mean something else.
public struct ChannelName: Hashable, Sendable {
  /// The name as it is written.
  public let text: String

  /// Reads a name.
  ///
  /// - Throws: `usage` where the text is outside the alphabet or reserved.
  public init(parsing text: String) throws(RegistryError) {
    guard AdapterName.hasNameAlphabet(text) else {
      throw RegistryError(
        .usage, "\(text.quoted) is not a channel name",
        hint: "use 1 to \(AdapterName.maximumBytes) of a-z, 0-9, _ and -, starting with a letter or digit")
    }
    guard !Self.isReserved(text) else {
      throw RegistryError(
        .usage, "\(text.quoted) is reserved and cannot name a channel",
        hint: "choose a name like stable; not active, latest, previous, fallback, a number or a digest")
    }
    self.text = text
  }

  private static func isReserved(_ text: String) -> Bool {
    if ["active", "latest", "previous", "fallback"].contains(text) { return true }
    if text.utf8.starts(with: "sha256".utf8) { return true }
    let number = text.utf8.first == UInt8(ascii: "v") ? text.utf8.dropFirst() : text.utf8[...]
    return !number.isEmpty && number.allSatisfy(\.isASCIIDigit)
  }
}

extension ChannelName: Comparable {
  public static func < (lhs: ChannelName, rhs: ChannelName) -> Bool { lhs.text < rhs.text }
}

extension ChannelName: CustomStringConvertible {
  public var description: String { text }
}
