public import RegistryModel

extension StorageClient {
  public func create(
    _ name: RelativePath, _ source: any ObjectSource, metadata: [String: String], sent: (Int64) throws -> Void
  ) throws -> ObjectCreation {
    let action = "write \(label(name))"
    // Something is there, and gone when one looks: that can't go on for ever.
    for _ in 0..<3 {
      let created: ObjectInfo?
      if source.bytes < uploads.resumableFromBytes {
        created = try insert(name, source, metadata, ifGeneration: 0, action).info
        if created != nil { try sent(source.bytes) }
      } else {
        created = try Upload(self, name, source, metadata, action).run(sent: sent)
      }
      if let created { return .created(created) }
      if let existing = try info(name) { return .existed(existing) }
    }
    throw malformed(action, "the store says by turns that the object is there and that it isn't")
  }
}

/// How a write in one request ended.
struct Insertion {
  /// What was made; nil when another generation stood there than the one to replace.
  let info: ObjectInfo?
  let crc32c: UInt32
  /// Whether what stood there may be the result of an earlier try.
  let isAmbiguous: Bool
}

extension StorageClient {
  /// Sends an object in one request, to stand in the place of exactly that generation.
  func insert(
    _ name: RelativePath, _ source: any ObjectSource, _ metadata: [String: String],
    ifGeneration generation: Int64, _ action: String
  ) throws -> Insertion {
    let checksum = SourceChecksum(source)
    let crc32c = try checksum.value(before: source.bytes)
    let body = MultipartBody(resource(of: name, metadata, crc32c: crc32c), source)
    let query = [
      ("uploadType", "multipart"), ("name", location.objectName(name.text)),
      ("ifGenerationMatch", "\(generation)"),
    ]
    var request = HTTPRequest(.post, try endpoint.upload(location.bucket, query), body: .stream(body.stream))
    request.headers.set("Content-Type", body.header)
    let answer: StorageAnswer
    do throws(HTTPFailure) { answer = try call(request) } catch {
      if case .local(let inner) = error { throw inner }
      throw error.asRegistryError(action)
    }
    switch answer.response.status {
    case 200, 201:
      let info = try info(document(answer.response, action), of: name, action)
      try check(info, bytes: source.bytes, crc32c: crc32c, action)
      return Insertion(info: info, crc32c: crc32c, isAmbiguous: answer.isAmbiguous)
    case 412: return Insertion(info: nil, crc32c: crc32c, isAmbiguous: answer.isAmbiguous)
    default: throw problem(answer.response, action)
    }
  }

  /// What describes an object that is being made.
  func resource(of name: RelativePath, _ metadata: [String: String], crc32c: UInt32?) -> JSONValue {
    var fields: [String: JSONValue] = [
      "name": .string(location.objectName(name.text)), "contentType": .string(MultipartBody.contentType),
    ]
    if !metadata.isEmpty { fields["metadata"] = .object(metadata.mapValues(JSONValue.string)) }
    if let crc32c { fields["crc32c"] = .string(ObjectChecksum.text(crc32c)) }
    return .object(fields)
  }

  /// Holds what the store has against what was sent.
  func check(_ info: ObjectInfo, bytes: Int64, crc32c: UInt32, _ action: String) throws(RegistryError) {
    guard info.bytes != bytes || info.crc32c ?? crc32c != crc32c else { return }
    let found = info.crc32c.map { ", CRC-32C \(ObjectChecksum.text($0))" } ?? ""
    throw RegistryError(
      .integrity,
      "can't \(action): \(bytes) bytes were sent, CRC-32C \(ObjectChecksum.text(crc32c)), "
        + "and the store has \(info.bytes) bytes\(found)",
      unchanged: "generation \(info.generation) is there and is not what was sent",
      hint: "remove that object in the bucket, then run it again")
  }
}
