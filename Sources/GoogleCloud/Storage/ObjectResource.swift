package import RegistryModel

/// What the server says of an object, as JSON.
package enum ObjectResource {
  /// The fields that are asked for.
  static let fields = "name,bucket,generation,size,crc32c,timeCreated,metadata"

  /// Reads a resource.
  ///
  /// - Returns: the object's full name and what is known of it under the name that `rename` gives; nil where the
  ///   document isn't what Cloud Storage sends.
  package static func parse(
    _ json: JSONValue, as name: (String) -> RelativePath?
  ) -> ObjectInfo? {
    guard let fullName = json["name"]?.asString, let path = name(fullName),
      let generation = integer(json["generation"]), generation > 0,
      let bytes = integer(json["size"]),
      let created = json["timeCreated"]?.asString, let createdAt = timestamp(created)
    else { return nil }
    var crc32c: UInt32?
    if let text = json["crc32c"]?.asString, !text.isEmpty {
      guard let value = ObjectChecksum.value(text) else { return nil }
      crc32c = value
    }
    let metadata = json["metadata"]?.asObject ?? [:]
    return ObjectInfo(
      name: path, generation: generation, bytes: bytes, crc32c: crc32c, createdAt: createdAt,
      metadata: metadata.compactMapValues(\.asString))
  }

  /// An integer that stands in a string, since JSON's numbers can't carry it: digits and nothing else.
  package static func integer(_ json: JSONValue?) -> Int64? {
    guard let text = json?.asString, 1...19 ~= text.utf8.count, text.utf8.allSatisfy(\.isASCIIDigit) else {
      return nil
    }
    return Int64(text)
  }

  /// RFC 3339 in UTC; emulators write the offset out.
  private static func timestamp(_ text: String) -> Timestamp? {
    let utc = ["+00:00", "-00:00"].first { text.hasSuffix($0) }
    return try? Timestamp(parsing: utc.map { text.dropLast($0.count) + "Z" } ?? text)
  }
}
