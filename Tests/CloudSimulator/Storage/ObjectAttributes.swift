import RegistryModel

/// What a client may set of an object besides its bytes.
struct ObjectAttributes {
  private(set) var texts: [String: String] = [:]
  private(set) var metadata: [String: String] = [:]
  private(set) var flags: [String: Bool] = [:]

  private static let textKeys: Set<String> = [
    "contentType", "cacheControl", "contentDisposition", "contentEncoding", "contentLanguage", "customTime",
    "storageClass",
  ]
  private static let flagKeys: Set<String> = ["temporaryHold", "eventBasedHold"]
  /// Fields of an object resource that the service sets, and ignores where a client sends them.
  static let outputKeys: Set<String> = [
    "kind", "id", "selfLink", "mediaLink", "name", "bucket", "generation", "metageneration", "size",
    "md5Hash",
    "crc32c", "etag", "timeCreated", "updated", "timeStorageClassUpdated", "timeFinalized", "componentCount",
    "acl",
    "owner",
  ]
  /// Fields that the service has and no object here ever gets: a client may select them, and can't set them.
  private static let absentKeys: Set<String> = [
    "contexts", "customerEncryption", "hardDeleteTime", "kmsKeyName", "restoreToken", "retention",
    "retentionExpirationTime", "softDeleteTime", "timeDeleted",
  ]
  static let allKeys = textKeys.union(flagKeys).union(outputKeys).union(absentKeys).union(["metadata"])
  private static let metadataLimitBytes = 8192

  init() { texts["storageClass"] = "STANDARD" }

  var contentType: String? {
    get { texts["contentType"] }
    set { texts["contentType"] = newValue }
  }

  /// The hold that keeps the object as it is, by the name that messages use.
  var hold: String? {
    if flags["temporaryHold"] == true { return "Temporary" }
    return flags["eventBasedHold"] == true ? "Event-Based" : nil
  }

  /// Takes the fields of an object resource over these: a `null` deletes, unknown fields are refused.
  mutating func merge(_ resource: JSONValue) throws(APIError) {
    guard let fields = resource.asObject else { throw .invalid("The object resource is no JSON object.") }
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
      if Self.textKeys.contains(key) {
        texts[key] = try Self.text(value, key)
      } else if Self.flagKeys.contains(key) {
        guard value.isNull || value.asBool != nil else { throw .invalid("Invalid value for: \(key)") }
        flags[key] = value.asBool
      } else if key == "metadata" {
        try merge(metadata: value)
      } else if !Self.outputKeys.contains(key) {
        throw .invalid("Unknown name \"\(key)\" in the object resource: no such field.")
      }
    }
    if texts["storageClass"] == nil { texts["storageClass"] = "STANDARD" }
    let bytes = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    guard bytes <= Self.metadataLimitBytes else {
      throw .invalid(
        "The metadata of an object may have \(Self.metadataLimitBytes) bytes, and this has \(bytes).")
    }
  }

  func write(to resource: inout [String: JSONValue]) {
    for (key, value) in texts { resource[key] = .string(value) }
    for (key, value) in flags { resource[key] = .bool(value) }
    if !metadata.isEmpty { resource["metadata"] = .object(metadata.mapValues { .string($0) }) }
  }

  private mutating func merge(metadata value: JSONValue) throws(APIError) {
    if value.isNull {
      metadata = [:]
      return
    }
    guard let entries = value.asObject else { throw .invalid("Invalid value for: metadata") }
    for (key, value) in entries { metadata[key] = try Self.text(value, "metadata.\(key)") }
  }

  private static func text(_ value: JSONValue, _ key: String) throws(APIError) -> String? {
    guard value.isNull || value.asString != nil else { throw .invalid("Invalid value for: \(key)") }
    return value.asString
  }
}
