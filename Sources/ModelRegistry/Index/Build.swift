import CLibCrypto
import CLinux

/// What this program is made of.
public struct Build: Hashable, Sendable {
  public let version: String
  /// The newest schema of the index that it knows.
  public let schema: Int
  public let sqlite: String
  public let libcrypto: String

  public static let current = Build(
    version: "0.1.0", schema: Index.newestSchema, sqlite: String(cString: clinux_sqlite_version()),
    libcrypto: String(cString: OpenSSL_version(OPENSSL_VERSION)))
}

extension Registry {
  /// The schema of the index.
  public var schema: Int { Index.newestSchema }
}
