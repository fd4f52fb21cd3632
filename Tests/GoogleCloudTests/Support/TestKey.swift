import CLibCrypto
import GoogleCloud
import Testing

/// An RSA key, made anew for each run.
struct TestKey: @unchecked Sendable {
  // `@unchecked Sendable`: the key is never changed, and lives as long as the tests.
  private let key: OpaquePointer

  static let shared: TestKey? = TestKey()

  private init?() {
    guard let context = EVP_PKEY_CTX_new_id(6, nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &key) == 1, let key else { return nil }
    self.key = key
  }

  /// As Google's key files have it: PKCS#8 in PEM.
  var pem: String {
    var pkcs1 = [UInt8](repeating: 0, count: Int(i2d_PrivateKey(key, nil)))
    pkcs1.withUnsafeMutableBufferPointer { buffer in
      var position = buffer.baseAddress
      i2d_PrivateKey(key, &position)
    }
    let algorithm: [UInt8] = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0]
    let pkcs8 = Self.element(0x30, [2, 1, 0] + algorithm + Self.element(4, pkcs1))
    let text = Array(Base64.encode(pkcs8))
    let lines = stride(from: 0, to: text.count, by: 64).map { String(text[$0..<min($0 + 64, text.count)]) }
    return "-----BEGIN PRIVATE KEY-----\n\(lines.joined(separator: "\n"))\n-----END PRIVATE KEY-----\n"
  }

  func isSignature(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
  }

  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 255)] + content
  }
}
