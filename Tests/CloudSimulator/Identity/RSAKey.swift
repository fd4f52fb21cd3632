import CLibCrypto

/// A key that can't be read, made or used.
package struct KeyFailure: Error, CustomStringConvertible {
  package let description: String
}

/// An RSA key of libcrypto: a pair, or a public key alone.
///
/// `@unchecked Sendable`: libcrypto counts references to a key atomically, and nothing changes it after `init`.
package final class RSAKey: @unchecked Sendable {
  private let key: OpaquePointer

  /// Reads `-----BEGIN PUBLIC KEY-----`.
  package init(publicPEM: String) throws {
    let text = Array(publicPEM.utf8)
    guard let input = BIO_new_mem_buf(text, Int32(text.count)) else {
      throw KeyFailure(description: "no memory")
    }
    defer { BIO_free(input) }
    guard let key = PEM_read_bio_PUBKEY(input, nil, nil, nil) else {
      throw KeyFailure(description: "this is no public key in PEM")
    }
    self.key = key
  }

  /// Makes a new pair of 2048 bits.
  package init() throws {
    var made: OpaquePointer?
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil) else {
      throw KeyFailure(description: "no RSA")
    }
    defer { EVP_PKEY_CTX_free(context) }
    guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &made) == 1, let made else {
      throw KeyFailure(description: "libcrypto can't make a key")
    }
    key = made
  }

  deinit { EVP_PKEY_free(key) }

  /// PKCS #8, as in the key file of a service account.
  package func privatePEM() throws -> String {
    try Self.written { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) }
  }

  package func publicPEM() throws -> String { try Self.written { PEM_write_bio_PUBKEY($0, key) } }

  /// A signature by RSASSA-PKCS1-v1_5 with SHA-256.
  package func sign(_ message: [UInt8]) throws -> [UInt8] {
    guard let context = EVP_MD_CTX_new() else { throw KeyFailure(description: "no memory") }
    defer { EVP_MD_CTX_free(context) }
    var count = 0
    guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
      EVP_DigestSign(context, nil, &count, message, message.count) == 1
    else { throw KeyFailure(description: "libcrypto can't sign") }
    var signature = [UInt8](repeating: 0, count: count)
    guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
      throw KeyFailure(description: "libcrypto can't sign")
    }
    return Array(signature[..<count])
  }

  func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }

  private static func written(_ write: (OpaquePointer) -> Int32) throws -> String {
    guard let output = BIO_new(BIO_s_mem()) else { throw KeyFailure(description: "no memory") }
    defer { BIO_free(output) }
    guard write(output) == 1 else { throw KeyFailure(description: "libcrypto can't write the key") }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = BIO_read(output, &buffer, Int32(buffer.count))
      if count <= 0 { return String(decoding: text, as: UTF8.self) }
      text += buffer[..<Int(count)]
    }
  }
}
