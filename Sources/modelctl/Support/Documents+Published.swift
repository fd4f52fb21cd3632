import ModelRegistry
import RegistryModel

extension Document {
  /// What `publish` and `import` say of a version that they made or found.
  static func published(_ result: PublishResult, seconds: Double) -> JSONValue {
    [
      "version": .string(result.version.description), "number": .integer(result.version.number),
      "digest": .string(result.digest.description), "existing": .bool(result.existing),
      "files": .integer(result.files), "bytes": .integer(result.bytes),
      "reused_bytes": .integer(result.reusedBytes), "duration": .number(seconds),
    ]
  }
}

extension Sentence {
  static func published(_ result: PublishResult, verb: String = "published") -> String {
    let size = "\(count(result.files, "file")), \(ByteCount(bytes: result.bytes))"
    let reused = result.reusedBytes > 0 ? ", \(ByteCount(bytes: result.reusedBytes)) were here already" : ""
    return result.existing
      ? "\(result.version) is the same content already (\(result.digest.short)); no new version was made"
      : "\(verb) \(result.version) (\(result.digest.short)): \(size)\(reused)"
  }
}
