import CLibCrypto

/// A digest of a stream by libcrypto that can be read on the way.
final class MessageDigest {
  private let context: OpaquePointer

  static func md5() -> MessageDigest { MessageDigest(EVP_md5()) }

  private init(_ algorithm: OpaquePointer?) {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, algorithm, nil) == 1 else {
      preconditionFailure("libcrypto lacks a digest that Cloud Storage needs")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "libcrypto can't go on")
  }

  /// The digest of everything so far; more may follow.
  func current() -> [UInt8] {
    guard let copy = EVP_MD_CTX_new(), EVP_MD_CTX_copy_ex(copy, context) == 1 else {
      preconditionFailure("libcrypto can't copy a digest")
    }
    defer { EVP_MD_CTX_free(copy) }
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    precondition(EVP_DigestFinal_ex(copy, &bytes, &count) == 1, "libcrypto can't finish a digest")
    return Array(bytes[..<Int(count)])
  }
}
