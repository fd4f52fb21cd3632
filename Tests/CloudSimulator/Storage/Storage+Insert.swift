import RegistryModel

/// What an upload asks for before its bytes count.
struct InsertDraft {
  let location: ObjectLocation
  var attributes = ObjectAttributes()
  var claims = ClaimedChecksums()
  let preconditions: Preconditions

  /// Reads the query, and the object resource where there is one; a `name` in the query counts more.
  init(_ bucket: String, _ query: Query, resource: JSONValue = .object([:])) throws(APIError) {
    guard let text = query["name"] ?? resource["name"]?.asString else { throw .required("name") }
    guard let name = ObjectName(text) else { throw .invalid("Invalid object name: '\(text)'") }
    location = ObjectLocation(bucket: bucket, name: name)
    preconditions = try Preconditions(query)
    try attributes.merge(resource)
    if let encoding = query["contentEncoding"] {
      try attributes.merge(["contentEncoding": .string(encoding)])
    }
    try claims.add(crc32c: resource["crc32c"]?.asString, md5: resource["md5Hash"]?.asString)
  }
}

extension Storage {
  mutating func insertMedia(_ bucketName: String, _ call: Call) throws(APIError) -> Reply {
    _ = try bucket(bucketName)
    var draft = try InsertDraft(bucketName, call.query)
    draft.attributes.contentType = call.request.headers["Content-Type"] ?? "application/octet-stream"
    try draft.claims.add(call.request.headers)
    return try resource(try insert(draft, call.request.body, call), call)
  }

  mutating func insertMultipart(_ bucketName: String, _ call: Call) throws(APIError) -> Reply {
    _ = try bucket(bucketName)
    let body = call.request.body
    let bytes = try Self.spooling { try body.bytes(in: 0..<body.count) }
    guard let multipart = Multipart(bytes, contentType: call.request.headers["Content-Type"] ?? "") else {
      throw .invalid("Malformed multipart body.")
    }
    guard multipart.metadataType.lowercased().hasPrefix("application/json") else {
      throw .invalid(
        "Metadata part is of type '\(multipart.metadataType)', and 'application/json' is needed.")
    }
    var draft = try InsertDraft(
      bucketName, call.query, resource: try Self.json(ByteStore(multipart.metadata, hasMD5: false)))
    if let type = multipart.mediaType {
      if let stated = draft.attributes.contentType, stated != type {
        throw .invalid(
          "Content-Type specified in the upload (\(type)) does not match Content-Type specified in metadata "
            + "(\(stated)).")
      }
      draft.attributes.contentType = type
    }
    if draft.attributes.contentType == nil { draft.attributes.contentType = "application/octet-stream" }
    try draft.claims.add(call.request.headers)
    let store = ByteStore(spool: options.spool, hasMD5: options.keepsMD5)
    try Self.spooling { try multipart.media.withUnsafeBytes { try store.append($0) } }
    return try resource(try insert(draft, store, call), call)
  }

  /// Makes the live object of a draft, unless its checksums or preconditions are wrong.
  mutating func insert(
    _ draft: InsertDraft, _ store: ByteStore, _ call: Call, componentCount: Int? = nil
  ) throws(APIError) -> StoredObject {
    let sums = try Self.spooling { try store.checksums() }
    try draft.claims.check(crc32c: sums.crc32c, md5: sums.md5)
    try draft.preconditions.check(change: try bucket(draft.location.bucket)[draft.location.name])
    try admitChange(draft.location, call)
    let object = StoredObject(
      bucket: draft.location.bucket, name: draft.location.name, generation: newGeneration(call), bytes: store,
      crc32c: sums.crc32c, md5: componentCount == nil ? sums.md5 : nil, componentCount: componentCount,
      attributes: draft.attributes, createdMicroseconds: call.nowMicroseconds,
      updatedMicroseconds: call.nowMicroseconds)
    buckets[draft.location.bucket]?[draft.location.name] = object
    return object
  }
}
