/// CRC-32C as Cloud Storage writes it: four bytes, the highest first, in base 64.
package enum ObjectChecksum {
  package static func text(_ value: UInt32) -> String {
    Base64.encode((0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) })
  }

  package static func value(_ text: some StringProtocol) -> UInt32? {
    guard let bytes = Base64.decode(text), bytes.count == 4 else { return nil }
    return bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The CRC-32C in headers like `x-goog-hash: crc32c=PjCw/w==,md5=…`, which may come several times.
  package static func value(in headers: HTTPHeaders, _ name: String) -> UInt32? {
    for field in headers.values(of: name).joined(separator: ",").split(separator: ",") {
      let text = field.trimmedASCII
      if text.hasPrefix("crc32c=") { return value(text.dropFirst(7)) }
    }
    return nil
  }
}
