package import RegistryModel

/// An address of the schemes http and https, checked before libcurl sees it.
///
/// Its description has no query: an upload session's address is a secret, and the secret stands there.
public struct HTTPAddress: Hashable, Sendable {
  /// The whole address, its query included. Never in a message or a log.
  package let text: String
  /// `http` or `https`.
  public let scheme: String
  /// In lower case; an IPv6 address keeps its brackets.
  public let host: String
  public let port: Int

  /// Reads an address.
  ///
  /// - Throws: `usage` for another scheme, a user name or password, a fragment, a bad host or port, and every byte that
  ///   has to be percent-encoded. The message doesn't show the address.
  package init(parsing text: String) throws(RegistryError) {
    guard let parts = Self.parts(of: text) else {
      throw RegistryError(
        .usage, "an address is malformed", hint: "write it as https://HOST[:PORT]/PATH, without a user name")
    }
    (scheme, host, port) = parts
    self.text = text
  }

  private static func parts(of text: String) -> (String, String, Int)? {
    let bytes = Array(text.utf8)
    guard bytes.count <= 8192, bytes.allSatisfy({ 0x21...0x7e ~= $0 }), !bytes.contains(UInt8(ascii: "#"))
    else { return nil }
    let lowered = text.lowercased()
    guard let scheme = ["https", "http"].first(where: { lowered.hasPrefix("\($0)://") }) else { return nil }
    let authority = lowered.dropFirst(scheme.count + 3).prefix { $0 != "/" && $0 != "?" }
    var host = authority
    var port = scheme == "https" ? 443 : 80
    let bracket = authority.lastIndex(of: "]")
    if let colon = authority.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
      host = authority[..<colon]
      let digits = authority[authority.index(after: colon)...]
      guard digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(digits), 1...65_535 ~= number
      else { return nil }
      port = number
    }
    return isHost(host) ? (scheme, String(host), port) : nil
  }

  private static func isHost(_ host: Substring) -> Bool {
    func isPlain(_ byte: UInt8) -> Bool {
      0x30...0x39 ~= byte || 0x61...0x7a ~= byte || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      return host.utf8.dropFirst().dropLast().allSatisfy { isPlain($0) || $0 == UInt8(ascii: ":") }
    }
    return !host.isEmpty && host.utf8.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "_") }
  }
}

extension HTTPAddress {
  /// Scheme, host and port: whoever answers there.
  package var origin: String { "\(scheme)://\(host):\(port)" }

  /// `127.` and three more numbers; a name may begin alike.
  private var isLoopbackNumber: Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Whether nobody on the way can read what is sent: https, or a server on this machine.
  package var isPrivate: Bool {
    scheme == "https" || host == "localhost" || host == "[::1]" || isLoopbackNumber
  }
}

extension HTTPAddress: CustomStringConvertible, CustomDebugStringConvertible {
  public var description: String { String(text.prefix { $0 != "?" }) }
  public var debugDescription: String { description }
}
