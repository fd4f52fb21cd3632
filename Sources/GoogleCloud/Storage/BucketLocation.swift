public import RegistryModel

/// A bucket and the prefix below which a registry's objects are.
public struct BucketLocation: Hashable, Sendable {
  public let bucket: String
  /// Without slashes at its ends; empty for the whole bucket.
  public let prefix: String

  /// Reads `gs://BUCKET` or `gs://BUCKET/PREFIX`.
  ///
  /// - Throws: `usage` for everything else.
  public init(parsing uri: String) throws(RegistryError) {
    let parsed = try RemoteURI(parsing: uri)
    guard case .bucket(let bucket) = parsed.place else {
      throw RegistryError(.usage, "\(uri.quoted) is no bucket", hint: "write it as gs://BUCKET/PREFIX")
    }
    self.bucket = bucket
    prefix = parsed.prefix
  }

  /// The full name of what is called `name` below the prefix, a full one or the beginning of one.
  func objectName(_ name: String) -> String { prefix.isEmpty ? name : "\(prefix)/\(name)" }

  /// What an object is called below the prefix; nil where it lies elsewhere.
  func relativeName(_ name: String) -> String? { prefix.isEmpty ? name : name.afterPrefix("\(prefix)/") }
}

extension BucketLocation: CustomStringConvertible {
  public var description: String { prefix.isEmpty ? "gs://\(bucket)" : "gs://\(bucket)/\(prefix)" }
}
