import RegistryModel

/// The checksums that a client says its bytes have.
struct ClaimedChecksums: Hashable {
  private var crc32c: String?
  private var md5: String?

  init() {}

  /// Adds what the object's metadata says.
  mutating func add(crc32c: String?, md5: String?) throws(APIError) {
    if let crc32c {
      guard Base64.decode(crc32c)?.count == 4 else { throw .invalid("Invalid argument.") }
      try agree(\.crc32c, crc32c)
    }
    if let md5 {
      guard Base64.decode(md5)?.count == 16 else {
        throw .invalid("Provided value (\(md5)) is not a base64-encoded 128-bit MD5 hash.")
      }
      try agree(\.md5, md5)
    }
  }

  /// Adds the headers `X-Goog-Hash: crc32c=…,md5=…` and `Content-MD5`.
  mutating func add(_ headers: Headers) throws(APIError) {
    for field in headers.fields {
      switch field.name.lowercased() {
      case "content-md5": try add(crc32c: nil, md5: field.value)
      case "x-goog-hash":
        for claim in field.value.split(separator: ",") {
          let text = String(claim.drop { $0 == " " })
          if text.hasPrefix("crc32c=") {
            try add(crc32c: String(text.dropFirst(7)), md5: nil)
          } else if text.hasPrefix("md5=") {
            try add(crc32c: nil, md5: String(text.dropFirst(4)))
          } else {
            throw .invalid("Invalid argument.")
          }
        }
      default: break
      }
    }
  }

  /// Refuses bytes that are others than the client meant.
  func check(crc32c actualCRC: UInt32, md5 actualMD5: [UInt8]?) throws(APIError) {
    let actual = Base64.encode(bigEndian: actualCRC)
    if let crc32c, crc32c != actual {
      throw .invalid("Provided CRC32C \"\(crc32c)\" doesn't match calculated CRC32C \"\(actual)\".")
    }
    if let md5, let actual = actualMD5.map(Base64.encode), md5 != actual {
      throw .invalid("Provided MD5 hash \"\(md5)\" doesn't match calculated MD5 hash \"\(actual)\".")
    }
  }

  private mutating func agree(_ path: WritableKeyPath<Self, String?>, _ value: String) throws(APIError) {
    if let earlier = self[keyPath: path], earlier != value {
      throw .invalid("The request provides two different checksums, \"\(earlier)\" and \"\(value)\".")
    }
    self[keyPath: path] = value
  }
}
