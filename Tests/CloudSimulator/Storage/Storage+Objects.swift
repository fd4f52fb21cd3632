import RegistryModel

extension Storage {
  func get(_ location: ObjectLocation, _ call: Call) throws(APIError) -> Reply {
    if call.query["softDeleted"] == "true" { throw .noObject(location.bucket, location.name) }
    let object = try object(location, generation: try call.query.integer("generation"))
    try Preconditions(call.query).check(read: object)
    return try resource(object, call)
  }

  /// An object's bytes; an answer with a part of them has no hash, as the hash is of the whole.
  func media(_ location: ObjectLocation, _ call: Call) throws(APIError) -> Reply {
    let object = try object(location, generation: try call.query.integer("generation"))
    try Preconditions(call.query).check(read: object)
    var headers: [(String, String)] = [
      ("Content-Type", object.attributes.contentType ?? "application/octet-stream"),
      ("ETag", object.etag),
      ("Last-Modified", DateText.http(object.updatedMicroseconds)),
      ("X-Goog-Generation", "\(object.generation)"),
      ("X-Goog-Metageneration", "\(object.metageneration)"),
      ("X-Goog-Storage-Class", object.attributes.texts["storageClass"] ?? "STANDARD"),
      ("X-Goog-Stored-Content-Encoding", object.attributes.texts["contentEncoding"] ?? "identity"),
      ("X-Goog-Stored-Content-Length", "\(object.size)"),
      ("Content-Disposition", object.attributes.texts["contentDisposition"] ?? "attachment"),
    ]
    if let cacheControl = object.attributes.texts["cacheControl"] {
      headers.append(("Cache-Control", cacheControl))
    }
    if let encoding = object.attributes.texts["contentEncoding"] {
      headers.append(("Content-Encoding", encoding))
    }
    switch ByteRange(call.request.headers["Range"], size: object.size) {
    case .whole:
      headers.append(("X-Goog-Hash", object.hashHeader))
      return Reply(200, headers, body: .stored(object.bytes, 0..<object.size))
    case .part(let range):
      headers.append(("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.size)"))
      return Reply(206, headers, body: .stored(object.bytes, range))
    case .unsatisfiable:
      throw APIError(
        status: 416, reason: "requestedRangeNotSatisfiable", message: "Request range not satisfiable",
        headers: ["Content-Range": "bytes */\(object.size)"])
    }
  }

  mutating func delete(_ location: ObjectLocation, _ call: Call) throws(APIError) -> Reply {
    let object = try object(location, generation: try call.query.integer("generation"))
    try Preconditions(call.query).check(change: object)
    try admitChange(location, call)
    buckets[location.bucket]?[location.name] = nil
    return Reply(204, [("Content-Type", "application/json")])
  }

  /// Changes the metadata alone: the generation stays, the metageneration grows.
  mutating func patch(
    _ location: ObjectLocation, _ call: Call, replaces: Bool
  ) throws(APIError) -> Reply {
    var object = try object(location, generation: try call.query.integer("generation"))
    try Preconditions(call.query).check(change: object)
    let change = try Self.json(call.request.body)
    if replaces { object.attributes = ObjectAttributes() }
    try object.attributes.merge(change)
    try admitChange(location, call, honoursHold: false)
    object.metageneration += 1
    object.updatedMicroseconds = call.nowMicroseconds
    buckets[location.bucket]?[location.name] = object
    return try resource(object, call)
  }

  /// An object's resource, with the fields that the client wants.
  func resource(_ object: StoredObject, _ call: Call) throws(APIError) -> Reply {
    var value = object.resource(call.baseURL)
    if let mask = try Self.mask(call.query, known: ObjectAttributes.allKeys) { value = mask.apply(to: value) }
    return .json(200, value, [("ETag", object.etag)])
  }

  static func mask(
    _ query: Query, known: Set<String>, items: Set<String> = []
  ) throws(APIError) -> FieldsMask? {
    guard let text = query["fields"], !text.isEmpty else { return nil }
    let mask = try FieldsMask(parsing: text)
    try mask.check(known: known, items: items)
    return mask
  }
}
