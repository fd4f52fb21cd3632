import Foundation
public import RegistryModel

/// What Cloud Storage tells of one of its objects, as an HTTP request carries it.
///
/// Three envelopes mean the same: a CloudEvent in binary mode (`ce-…` headers, the object's resource as body), one in
/// structured mode (`application/cloudevents+json`), and a push of Pub/Sub (the resource in base64, its type in an attribute).
/// All that it says comes from outside: names are texts of bounded length here, and nothing else.
public enum StorageEvent: Hashable, Sendable {
  /// An object of this name is there, whole.
  case finalized(Object)
  /// An event of another type, which is nobody's business here.
  case other(String)

  public struct Object: Hashable, Sendable {
    public let bucket: String
    public let name: String
    /// Decimal digits, as a 64-bit number is written in JSON.
    public let generation: String
    /// What the object's metadata calls the job; nil where they don't, or weren't sent.
    public let jobID: String?
  }

  public static let maximumBytes = 1 << 20
  static let finalizedType = "google.cloud.storage.object.v1.finalized"
  static let limits = JSONLimits(maximumBytes: maximumBytes, maximumDepth: 32, maximumValues: 20_000)

  /// - Throws: `integrity` where it is none of the three envelopes, or one that contradicts itself.
  public init(headers: [(name: String, value: String)], body: [UInt8]) throws(RegistryError) {
    let headers = try EventHeaders(headers)
    switch try headers.mediaType() {
    case "application/cloudevents+json":
      self = try CloudEvent(structured: Self.json(body)).storageEvent()
    case _ where headers["ce-specversion"] != nil:
      self = try CloudEvent(binary: headers, body).storageEvent()
    case nil, "application/json":
      self = try PubSubPush(Self.json(body)).storageEvent()
    case let type: throw Self.malformed("its content is \(type?.quoted ?? ""), and no event")
    }
  }

  static func malformed(_ problem: String) -> RegistryError {
    RegistryError(
      .integrity, "this is no event: \(problem)",
      hint: "send CloudEvents 1.0 of Cloud Storage, or pushes of Pub/Sub")
  }

  static func json(_ bytes: some Collection<UInt8>) throws(RegistryError) -> JSONValue {
    try JSONValue(parsing: bytes, limits: limits)
  }

  static func base64(_ text: String) throws(RegistryError) -> [UInt8] {
    guard let data = Data(base64Encoded: text) else { throw malformed("its data is no base64") }
    return [UInt8](data)
  }
}

extension StorageEvent.Object {
  /// Reads what a notification names: a bucket, an object, and a generation.
  init(checking bucket: String, name: String, generation: String, jobID: String?) throws(RegistryError) {
    guard 1...222 ~= bucket.utf8.count, 1...1024 ~= name.utf8.count else {
      throw StorageEvent.malformed("the name of its bucket or object is empty or too long")
    }
    guard 1...19 ~= generation.utf8.count, generation.utf8.allSatisfy(\.isASCIIDigit) else {
      throw StorageEvent.malformed("its generation \(generation.quoted) is no number")
    }
    (self.bucket, self.name, self.generation, self.jobID) = (bucket, name, generation, jobID)
  }

  /// Reads the resource of an object; fields that mean nothing here are left alone.
  init(resource: JSONValue) throws(RegistryError) {
    var reader = try JSONReader(resource, context: "object")
    if let kind = try reader.optional("kind", .string), kind != "storage#object" {
      throw StorageEvent.malformed("it is about \(kind.quoted)")
    }
    var jobID: String?
    if let metadata = try reader.optional("metadata", .any) {
      var fields = try JSONReader(metadata, context: "object.metadata")
      jobID = try fields.optional("job_id", .string)
    }
    try self.init(
      checking: reader.required("bucket", .string), name: reader.required("name", .string),
      generation: reader.required("generation", .string), jobID: jobID)
  }
}
