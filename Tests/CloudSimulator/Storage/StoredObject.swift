import RegistryModel

/// A live object.
struct StoredObject {
  let bucket: String
  let name: ObjectName
  let generation: Int64
  var metageneration: Int64 = 1
  var bytes: ByteStore
  let crc32c: UInt32
  /// Nil for composite objects.
  let md5: [UInt8]?
  var componentCount: Int?
  var attributes: ObjectAttributes
  var createdMicroseconds: Int64
  var updatedMicroseconds: Int64

  var size: Int64 { bytes.count }

  /// The generation and metageneration as a Protocol Buffers message, as the service makes it.
  var etag: String { Base64.encode([0x08] + Self.varint(generation) + [0x10] + Self.varint(metageneration)) }

  var hashHeader: String {
    let crc = "crc32c=\(Base64.encode(bigEndian: crc32c))"
    return md5.map { "\(crc),md5=\(Base64.encode($0))" } ?? crc
  }

  /// The object resource; every 64-bit integer is a string.
  func resource(_ baseURL: String) -> JSONValue {
    let path = "b/\(PercentEncoding.encode(bucket.utf8))/o/\(PercentEncoding.encode(name.bytes))"
    let created = JSONValue.string(DateText.rfc3339(createdMicroseconds))
    var fields: [String: JSONValue] = [
      "kind": "storage#object",
      "id": "\(bucket)/\(name)/\(generation)",
      "selfLink": "\(baseURL)/storage/v1/\(path)",
      "mediaLink": "\(baseURL)/download/storage/v1/\(path)?generation=\(generation)&alt=media",
      "name": .string(name.description),
      "bucket": .string(bucket),
      "generation": "\(generation)",
      "metageneration": "\(metageneration)",
      "size": "\(size)",
      "crc32c": .string(Base64.encode(bigEndian: crc32c)),
      "etag": .string(etag),
      "timeCreated": created,
      "timeStorageClassUpdated": created,
      "timeFinalized": created,
      "updated": .string(DateText.rfc3339(updatedMicroseconds)),
    ]
    if let md5 { fields["md5Hash"] = .string(Base64.encode(md5)) }
    if let componentCount { fields["componentCount"] = .integer(componentCount) }
    attributes.write(to: &fields)
    return .object(fields)
  }

  private static func varint(_ value: Int64) -> [UInt8] {
    var rest = UInt64(bitPattern: value)
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
