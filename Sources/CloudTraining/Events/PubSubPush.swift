import RegistryModel

/// A push of Pub/Sub that carries a notification of Cloud Storage
/// (https://cloud.google.com/storage/docs/pubsub-notifications).
struct PubSubPush {
  private let attributes: [String: String]
  private let data: String?

  init(_ body: JSONValue) throws(RegistryError) {
    var envelope = try JSONReader(body, context: "push")
    var message = try JSONReader(envelope.required("message", .any), context: "push.message")
    data = try message.optional("data", .string)
    var attributes: [String: String] = [:]
    if let given = try message.optional("attributes", .any) {
      var reader = try JSONReader(given, context: "push.message.attributes")
      for name in ["eventType", "bucketId", "objectId", "objectGeneration", "payloadFormat"] {
        attributes[name] = try reader.optional(name, .string)
      }
    }
    self.attributes = attributes
  }

  func storageEvent() throws(RegistryError) -> StorageEvent {
    guard let type = attributes["eventType"] else {
      throw StorageEvent.malformed("the message has no eventType, and is no notification of Cloud Storage")
    }
    guard type == "OBJECT_FINALIZE" else { return .other(type) }
    // A notification may be configured to have no payload: then the attributes say all.
    guard attributes["payloadFormat"] != "NONE", let data, !data.isEmpty else {
      guard let bucket = attributes["bucketId"], let name = attributes["objectId"],
        let generation = attributes["objectGeneration"]
      else { throw StorageEvent.malformed("the message names no object") }
      return .finalized(
        try StorageEvent.Object(checking: bucket, name: name, generation: generation, jobID: nil))
    }
    let object = try StorageEvent.Object(resource: StorageEvent.json(StorageEvent.base64(data)))
    for (attribute, value) in [
      ("bucketId", object.bucket), ("objectId", object.name), ("objectGeneration", object.generation),
    ] where attributes[attribute].map({ $0 != value }) ?? false {
      throw StorageEvent.malformed("the message's \(attribute) is not what its data say")
    }
    return .finalized(object)
  }
}
