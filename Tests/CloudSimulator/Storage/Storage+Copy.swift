import RegistryModel

/// A rewrite that needs several calls.
struct RewriteProgress {
  let source: ObjectLocation
  let destination: ObjectLocation
  let generation: Int64
  var doneBytes: Int64
}

extension Storage {
  mutating func copy(
    _ source: ObjectLocation, _ destination: ObjectLocation, _ call: Call
  ) throws(APIError) -> Reply {
    let object = try sourceObject(source, call)
    return try resource(try place(object, destination, call), call)
  }

  /// Copies in as many calls as the options ask for; the token binds the calls to one generation of the source.
  mutating func rewrite(
    _ source: ObjectLocation, _ destination: ObjectLocation, _ call: Call
  ) throws(APIError) -> Reply {
    let object = try sourceObject(source, call)
    _ = try bucket(destination.bucket)
    var progress = RewriteProgress(
      source: source, destination: destination, generation: object.generation, doneBytes: 0)
    let token = call.query["rewriteToken"]
    if let token {
      guard let known = rewrites[token], known.source == source, known.destination == destination,
        known.generation == object.generation
      else { throw .invalidParameter("rewriteToken", "it is of no rewrite of this object") }
      progress = known
    }
    progress.doneBytes = min(object.size, progress.doneBytes + (options.rewriteBytesPerCall ?? object.size))
    var answer: [String: JSONValue] = [
      "kind": "storage#rewriteResponse", "objectSize": "\(object.size)",
      "totalBytesRewritten": "\(progress.doneBytes)", "done": .bool(progress.doneBytes == object.size),
    ]
    if progress.doneBytes == object.size {
      answer["resource"] = try place(object, destination, call).resource(call.baseURL)
      if let token { rewrites[token] = nil }
    } else {
      try Preconditions(call.query).check(change: try bucket(destination.bucket)[destination.name])
      let token = token ?? newID()
      rewrites[token] = progress
      answer["rewriteToken"] = .string(token)
    }
    let mask = try Self.mask(
      call.query,
      known: ["kind", "objectSize", "totalBytesRewritten", "done", "resource", "rewriteToken"])
    return .json(200, mask?.apply(to: .object(answer)) ?? .object(answer))
  }

  /// Renames within a bucket.
  mutating func move(
    _ source: ObjectLocation, _ destination: ObjectLocation, _ call: Call
  ) throws(APIError) -> Reply {
    let object = try sourceObject(source, call)
    if let hold = object.attributes.hold { throw .held(source.bucket, source.name, hold) }
    guard source != destination else { throw .invalid("The source and the destination are the same object.") }
    let moved = try place(object, destination, call)
    buckets[source.bucket]?[source.name] = nil
    return try resource(moved, call)
  }

  private func sourceObject(_ location: ObjectLocation, _ call: Call) throws(APIError) -> StoredObject {
    let object = try object(location, generation: try call.query.integer("sourceGeneration"))
    try Preconditions(call.query, prefix: "ifSource").check(change: object)
    return object
  }

  /// A body replaces the source's metadata; an empty one keeps it.
  private mutating func place(
    _ object: StoredObject, _ destination: ObjectLocation, _ call: Call
  ) throws(APIError) -> StoredObject {
    let change = try Self.json(call.request.body)
    try Preconditions(call.query).check(change: try bucket(destination.bucket)[destination.name])
    var attributes = object.attributes
    if let fields = change.asObject, !fields.isEmpty {
      attributes = ObjectAttributes()
      try attributes.merge(change)
    }
    try admitChange(destination, call)
    let copy = StoredObject(
      bucket: destination.bucket, name: destination.name, generation: newGeneration(call),
      bytes: object.bytes,
      crc32c: object.crc32c, md5: object.md5, componentCount: object.componentCount, attributes: attributes,
      createdMicroseconds: call.nowMicroseconds, updatedMicroseconds: call.nowMicroseconds)
    buckets[destination.bucket]?[destination.name] = copy
    return copy
  }
}
