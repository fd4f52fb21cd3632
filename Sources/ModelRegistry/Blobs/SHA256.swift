import CLibCrypto
import RegistryModel

/// SHA-256 of a stream, by libcrypto.
///
/// A call of the library that fails is an error: there is no digest then, never a wrong one.
final class SHA256 {
  private let context: OpaquePointer

  init() throws {
    guard let context = EVP_MD_CTX_new() else { throw Self.broken }
    self.context = context
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { throw Self.broken }
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count > 0 else { return }
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else { throw Self.broken }
  }

  /// The digest of everything that was fed in; call it once.
  func finish() throws -> Digest {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard EVP_DigestFinal_ex(context, &bytes, &count) == 1,
      let digest = Digest(bytes: bytes.prefix(Int(count)))
    else { throw Self.broken }
    return digest
  }

  private static var broken: RegistryError {
    RegistryError(.failed, "libcrypto can't compute SHA-256", hint: "check the libcrypto that is installed")
  }
}

extension Digest {
  package static func sha256(of bytes: [UInt8]) throws -> Digest {
    let hash = try SHA256()
    try bytes.withUnsafeBytes { try hash.update($0) }
    return try hash.finish()
  }
}
