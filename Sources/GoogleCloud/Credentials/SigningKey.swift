import CLibCrypto
package import RegistryModel

/// An RSA key that signs with RS256 (RFC 7518 §3.3), by libcrypto.
///
/// A call of the library that fails is an error: there is no signature then. The key is in no description.
package final class SigningKey: @unchecked Sendable {
  // `@unchecked Sendable`: the key is never changed, and libcrypto lets threads sign with one key at once.
  private let key: OpaquePointer

  /// Reads a PKCS#8 key in PEM, as Google's key files have it.
  ///
  /// - Throws: `permission`; the message has nothing of the key.
  package init(pem: String) throws(RegistryError) {
    guard let bytes = Self.contents(of: pem) else { throw Self.malformed }
    let key = bytes.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      return d2i_AutoPrivateKey(nil, &position, bytes.count)
    }
    guard let key else { throw Self.malformed }
    guard EVP_PKEY_is_a(key, "RSA") == 1 else {
      EVP_PKEY_free(key)
      throw Self.malformed
    }
    self.key = key
  }

  deinit { EVP_PKEY_free(key) }

  /// The signature of bytes: RSASSA-PKCS1-v1_5 with SHA-256.
  package func sign(_ bytes: [UInt8]) throws(RegistryError) -> [UInt8] {
    guard let context = EVP_MD_CTX_new() else { throw Self.broken }
    defer { EVP_MD_CTX_free(context) }
    var count = 0
    guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
      EVP_DigestSign(context, nil, &count, bytes, bytes.count) == 1
    else { throw Self.broken }
    var signature = [UInt8](repeating: 0, count: count)
    guard EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1 else { throw Self.broken }
    return Array(signature.prefix(count))
  }

  /// The bytes between the lines `BEGIN PRIVATE KEY` and `END PRIVATE KEY`.
  private static func contents(of pem: String) -> [UInt8]? {
    let lines = pem.split(whereSeparator: \.isNewline).map(\.trimmedASCII)
    guard let begin = lines.firstIndex(of: "-----BEGIN PRIVATE KEY-----"),
      let end = lines.firstIndex(of: "-----END PRIVATE KEY-----"), begin < end
    else { return nil }
    return Base64.decode(lines[(begin + 1)..<end].joined())
  }

  private static var malformed: RegistryError {
    RegistryError(
      .permission, "the private key of the credentials is no RSA key in PEM (PKCS#8)",
      hint: "get the key file of the service account again")
  }

  private static var broken: RegistryError {
    RegistryError(.failed, "libcrypto can't sign", hint: "check the libcrypto that is installed")
  }
}
