import RegistryModel

/// Where a browser is sent on to: a path of this service, and nothing else.
struct LocalPath: Hashable {
  static let root = LocalPath(checked: "/")
  private static let maximumBytes = 2_048

  let text: String

  private init(checked text: String) { self.text = text }

  /// A path of ours, with its query. Nil for all that could lead elsewhere: another scheme or host, `//host`, which
  /// browsers read `/\host` as too, and what isn't written in the characters of an address.
  init?(_ text: String?) {
    guard let text, 1...Self.maximumBytes ~= text.utf8.count, text.utf8.first == UInt8(ascii: "/"),
      text.utf8.dropFirst().first != UInt8(ascii: "/"), text.utf8.allSatisfy(Self.isAllowed)
    else { return nil }
    self.text = text
  }

  /// RFC 3986, appendix A: what a path and a query are written with, but for brackets and quotes.
  private static func isAllowed(_ byte: UInt8) -> Bool {
    if byte.isASCIIDigit || byte.isASCIILowercase || byte.isASCIIUppercase { return true }
    return "/?=&%-._~@:+,".utf8.contains(byte)
  }
}
