import RegistryModel

/// Where to listen: `HOST:PORT`, `[IPv6]:PORT`, or a port alone, which is this machine's.
struct ListenAddress: Hashable {
  static let local = ListenAddress(host: "127.0.0.1", port: 8080)

  let host: String
  /// 0 takes any that is free.
  let port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// The same host, with the port that was taken.
  init(_ address: ListenAddress, port: Int) { self.init(host: address.host, port: port) }

  /// What is asked for, else what a platform such as Cloud Run says in `PORT`, which means every address.
  init(_ option: String?, platformPort: String?) throws(RegistryError) {
    if let option {
      try self.init(parsing: option)
    } else if let platformPort {
      self.init(host: "0.0.0.0", port: try Self.port(platformPort, "the variable PORT"))
    } else {
      self = .local
    }
  }

  init(parsing text: String) throws(RegistryError) {
    let colon = text.utf8.lastIndex(of: UInt8(ascii: ":"))
    var host = colon.map { String(text[..<$0]) } ?? Self.local.host
    let port = try Self.port(colon.map { String(text[text.index(after: $0)...]) } ?? text, "--listen")
    if let inner = host.afterPrefix("[")?.beforeSuffix("]") {
      host = inner
    } else if host.utf8.contains(UInt8(ascii: ":")) {
      throw Self.refused("--listen", text)
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0.isASCIIPrintable && $0 != UInt8(ascii: " ") }) else {
      throw Self.refused("--listen", text)
    }
    self.init(host: host, port: port)
  }

  private static func port(_ text: String, _ source: String) throws(RegistryError) -> Int {
    guard 1...5 ~= text.utf8.count, text.utf8.allSatisfy(\.isASCIIDigit), let port = Int(text), port < 65_536
    else { throw refused(source, text) }
    return port
  }

  private static func refused(_ source: String, _ text: String) -> RegistryError {
    RegistryError(
      .usage, "\(source) has \(text.quoted), and no address to listen at",
      hint: "write HOST:PORT, such as 127.0.0.1:8080")
  }
}

extension ListenAddress: CustomStringConvertible {
  var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
