import Foundation
import RegistryModel

/// A CloudEvent 1.0, as HTTP carries it in binary or structured mode
/// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md).
struct CloudEvent {
  /// How Eventarc wraps a message of Pub/Sub.
  private static let messageType = "google.cloud.pubsub.topic.v1.messagePublished"
  private static let sourcePrefix = "//storage.googleapis.com/projects/_/buckets/"

  private let type: String
  private let source: String
  /// Read only where the type is one that matters: others may carry anything.
  private let data: () throws(RegistryError) -> JSONValue

  /// In binary mode the attributes are headers, and the body is the data.
  init(binary headers: EventHeaders, _ body: [UInt8]) throws(RegistryError) {
    func attribute(_ name: String) throws(RegistryError) -> String {
      if let value = headers["ce-\(name)"], !value.isEmpty { return value }
      throw StorageEvent.malformed("its header ce-\(name) is missing")
    }
    let media = try headers.mediaType()
    try self.init(
      version: attribute("specversion"), id: attribute("id"), type: attribute("type"),
      source: attribute("source")
    ) { () throws(RegistryError) in
      guard media == nil || media == "application/json" else {
        throw StorageEvent.malformed("its content is \(media?.quoted ?? ""), and JSON is needed")
      }
      return try StorageEvent.json(body)
    }
  }

  /// In structured mode the body has both.
  init(structured body: JSONValue) throws(RegistryError) {
    var reader = try JSONReader(body, context: "event")
    let media = try reader.optional("datacontenttype", .string) ?? "application/json"
    let plain = try reader.optional("data", .any)
    let encoded = try reader.optional("data_base64", .string)
    try self.init(
      version: reader.required("specversion", .string), id: reader.required("id", .string),
      type: reader.required("type", .string), source: reader.required("source", .string)
    ) { () throws(RegistryError) in
      guard media.lowercased().hasPrefix("application/json") else {
        throw StorageEvent.malformed("its data are \(media.quoted), and JSON is needed")
      }
      switch (plain, encoded) {
      case (let value?, nil): return value
      case (nil, let text?): return try StorageEvent.json(StorageEvent.base64(text))
      case (nil, nil): throw StorageEvent.malformed("it has no data")
      case (_?, _?): throw StorageEvent.malformed("it has data twice")
      }
    }
  }

  private init(
    version: String, id: String, type: String, source: String,
    _ data: @escaping () throws(RegistryError) -> JSONValue
  ) throws(RegistryError) {
    guard version == "1.0" else {
      throw StorageEvent.malformed("it is a CloudEvent \(version.quoted), and 1.0 is known")
    }
    guard !id.isEmpty, !type.isEmpty, !source.isEmpty else {
      throw StorageEvent.malformed("one of its attributes is empty")
    }
    (self.type, self.source, self.data) = (type, source, data)
  }

  func storageEvent() throws(RegistryError) -> StorageEvent {
    switch type {
    case Self.messageType: return try PubSubPush(data()).storageEvent()
    case StorageEvent.finalizedType:
      let object = try StorageEvent.Object(resource: data())
      if let bucket = source.afterPrefix(Self.sourcePrefix), bucket != object.bucket {
        throw StorageEvent.malformed(
          "it comes from the bucket \(bucket.quoted) and speaks of \(object.bucket.quoted)")
      }
      return .finalized(object)
    default: return .other(type)
    }
  }
}
