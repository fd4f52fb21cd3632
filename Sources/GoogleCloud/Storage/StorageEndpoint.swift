public import RegistryModel

/// The server that speaks Cloud Storage's JSON interface, and the addresses of what it has.
public struct StorageEndpoint: Sendable {
  /// Scheme, host and port, without a slash at the end.
  private let base: String
  private let address: HTTPAddress
  /// Whether `STORAGE_EMULATOR_HOST` names it; no token is ever sent there.
  public let isEmulator: Bool

  /// Google's, or what `STORAGE_EMULATOR_HOST` names, with or without its scheme.
  ///
  /// - Throws: `usage` where that is no address.
  public init(environment: [String: String]) throws(RegistryError) {
    let emulator = environment["STORAGE_EMULATOR_HOST"] ?? ""
    let text = emulator.contains("://") ? emulator : "http://\(emulator)"
    do {
      try self.init(
        base: emulator.isEmpty ? "https://storage.googleapis.com" : text, isEmulator: !emulator.isEmpty)
    } catch {
      throw RegistryError(
        .usage, "STORAGE_EMULATOR_HOST is no address", hint: "write it as http://HOST:PORT or HOST:PORT")
    }
  }

  /// - Throws: `usage` where it is no address, or one of a server elsewhere without https that isn't an emulator.
  package init(base: String, isEmulator: Bool) throws(RegistryError) {
    self.base = String(base.hasSuffix("/") ? base.dropLast() : base[...])
    address = try HTTPAddress(parsing: self.base)
    self.isEmulator = isEmulator
    guard isEmulator || address.isPrivate else {
      throw RegistryError(.usage, "\(address) isn't https", hint: "tokens are never sent in the clear")
    }
  }

  /// `/storage/v1/b/BUCKET/o` or something below it.
  ///
  /// - Parameter path: segments that are encoded here, slashes inside them too.
  func objects(
    _ bucket: String, _ path: [String] = [], _ query: [(String, String)] = []
  ) throws(RegistryError) -> HTTPAddress {
    try address("/storage/v1/b", [bucket, "o"] + path, query)
  }

  /// The bytes of an object.
  func media(_ bucket: String, _ name: String, generation: Int64) throws(RegistryError) -> HTTPAddress {
    try address(
      "/download/storage/v1/b", [bucket, "o", name], [("alt", "media"), ("generation", "\(generation)")])
  }

  /// Where new objects are sent to.
  func upload(_ bucket: String, _ query: [(String, String)]) throws(RegistryError) -> HTTPAddress {
    try address("/upload/storage/v1/b", [bucket, "o"], query)
  }

  /// An upload session's address, which the server gave; nil where another server would get the bytes and the token.
  func session(_ text: String?) -> HTTPAddress? {
    guard let text, let session = try? HTTPAddress(parsing: text), session.origin == address.origin else {
      return nil
    }
    return session
  }

  private func address(
    _ root: String, _ segments: [String], _ query: [(String, String)]
  ) throws(RegistryError) -> HTTPAddress {
    let path = segments.map { "/" + PercentEncoding.encode($0) }.joined()
    let fields = query.isEmpty ? "" : "?" + PercentEncoding.encode(fields: query)
    return try HTTPAddress(parsing: base + root + path + fields)
  }
}
