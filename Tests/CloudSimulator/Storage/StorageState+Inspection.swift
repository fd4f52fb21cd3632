import RegistryModel

/// A live object as a test sees it.
package struct ObjectSummary: Hashable, Sendable {
  package let name: String
  package let generation: Int64
  package let metageneration: Int64
  package let sizeBytes: Int64
  package let crc32c: UInt32
  package let contentType: String?
  package let metadata: [String: String]
  package let createdMicroseconds: Int64
}

/// A test named an object that isn't there.
package struct NoSuchObject: Error, CustomStringConvertible {
  package let description: String
}

extension StorageState {
  package func createBucket(_ name: String) {
    let now = now
    withStorage { $0.buckets[name] = Bucket(name: name, createdMicroseconds: now) }
  }

  /// Every live object, by name.
  package func objects(in bucket: String) -> [ObjectSummary] {
    withStorage { storage in
      guard let bucket = storage.buckets[bucket] else { return [] }
      return bucket.names.compactMap { bucket[$0] }.map { object in
        ObjectSummary(
          name: object.name.description, generation: object.generation, metageneration: object.metageneration,
          sizeBytes: object.size, crc32c: object.crc32c, contentType: object.attributes.contentType,
          metadata: object.attributes.metadata, createdMicroseconds: object.createdMicroseconds)
      }
    }
  }

  package func object(_ name: String, in bucket: String) -> ObjectSummary? {
    objects(in: bucket).first { $0.name.utf8.elementsEqual(name.utf8) }
  }

  package func bytes(of name: String, in bucket: String) throws -> [UInt8] {
    let store = try withObject(name, bucket) { $0.bytes }
    return try store.bytes(in: 0..<store.count)
  }

  /// Stores an object as another client would: a new generation.
  @discardableResult
  package func put(
    _ bytes: [UInt8], as name: String, in bucket: String, contentType: String = "application/octet-stream",
    metadata: [String: String] = [:]
  ) throws -> Int64 {
    guard let request = Request(method: "POST", target: "/") else {
      throw NoSuchObject(description: "no request")
    }
    let now = now
    return try withStorage { storage in
      var query = Query()
      query.add("name", name)
      let resource: JSONValue = [
        "contentType": .string(contentType), "metadata": .object(metadata.mapValues { .string($0) }),
      ]
      let draft = try InsertDraft(bucket, query, resource: resource)
      let store = ByteStore(bytes, hasMD5: storage.options.keepsMD5)
      return try storage.insert(draft, store, Call(request: request, nowMicroseconds: now)).generation
    }
  }

  package func remove(_ name: String, in bucket: String) throws {
    let name = try Self.parsed(name)
    withStorage { $0.buckets[bucket]?[name] = nil }
  }

  /// Flips a byte as a bad disk would: the generation and the checksums stay what they were.
  package func corrupt(_ name: String, in bucket: String, at offset: Int64) throws {
    var bytes = try bytes(of: name, in: bucket)
    guard bytes.indices.contains(Int(offset)) else {
      throw NoSuchObject(description: "no byte \(offset) of \(name)")
    }
    bytes[Int(offset)] ^= 0xff
    let changed = ByteStore(bytes)
    try change(name, bucket) { $0.bytes = changed }
  }

  /// Gives an object other bytes of the same length, and so a new generation.
  package func overwriteWithOthers(_ name: String, in bucket: String) throws {
    let bytes = try bytes(of: name, in: bucket)
    try put(bytes.map { $0 ^ 0xff }, as: name, in: bucket)
  }

  package func setCreated(_ name: String, in bucket: String, microseconds: Int64) throws {
    try change(name, bucket) {
      $0.createdMicroseconds = microseconds
      $0.updatedMicroseconds = microseconds
    }
  }

  private static func parsed(_ name: String) throws -> ObjectName {
    guard let parsed = ObjectName(name) else {
      throw NoSuchObject(description: "\(name) is no object's name")
    }
    return parsed
  }

  private func withObject<Value: Sendable>(
    _ name: String, _ bucket: String, _ body: (StoredObject) -> Value
  ) throws -> Value {
    let parsed = try Self.parsed(name)
    return try withStorage { storage in
      guard let object = storage.buckets[bucket]?[parsed] else {
        throw NoSuchObject(description: "no object \(bucket)/\(name)")
      }
      return body(object)
    }
  }

  private func change(_ name: String, _ bucket: String, _ body: (inout StoredObject) -> Void) throws {
    let parsed = try Self.parsed(name)
    try withStorage { storage in
      guard var object = storage.buckets[bucket]?[parsed] else {
        throw NoSuchObject(description: "no object \(bucket)/\(name)")
      }
      body(&object)
      storage.buckets[bucket]?[parsed] = object
    }
  }
}

extension StorageState {
  /// Overwrites what a request is about to read or change; nothing where there is no object.
  func overwriteTarget(of request: Request) {
    guard let location = (try? Operation(request))?.object else { return }
    try? overwriteWithOthers("\(location.name)", in: location.bucket)
  }
}
