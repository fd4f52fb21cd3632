import RegistryModel

/// Configurations of notifications are kept and told, and never notify anybody.
extension Storage {
  private static let notificationLimit = 100
  private static let events: Set<String> = [
    "OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE", "OBJECT_DELETE", "OBJECT_ARCHIVE",
  ]

  func listNotifications(_ bucketName: String) throws(APIError) -> Reply {
    let found = try bucket(bucketName).notifications.sorted { $0.key < $1.key }.map(\.value)
    var answer: [String: JSONValue] = ["kind": "storage#notifications"]
    if !found.isEmpty { answer["items"] = .array(found) }
    return .json(200, .object(answer))
  }

  /// Makes another configuration at every call, also an equal one, as the service does.
  mutating func insertNotification(_ bucketName: String, _ call: Call) throws(APIError) -> Reply {
    let bucket = try bucket(bucketName)
    let body = try Self.json(call.request.body)
    guard let topic = body["topic"]?.asString, Self.isTopic(topic) else {
      throw .invalid(
        "Invalid Google Cloud Pub/Sub topic. It should look like '//pubsub.googleapis.com/projects/*/topics/*'."
      )
    }
    guard let format = body["payload_format"]?.asString, ["JSON_API_V1", "NONE"].contains(format) else {
      throw .required("payload_format")
    }
    for event in body["event_types"]?.asArray ?? [] {
      guard let event = event.asString, Self.events.contains(event) else {
        throw .invalid("Invalid value for: event_types")
      }
    }
    guard bucket.notifications.count < Self.notificationLimit else {
      throw .invalid("A bucket may have \(Self.notificationLimit) notification configurations.")
    }
    let id = (bucket.notifications.keys.max() ?? 0) + 1
    var fields = body.asObject ?? [:]
    fields["kind"] = "storage#notification"
    fields["id"] = "\(id)"
    fields["etag"] = "\(id)"
    fields["selfLink"] = "\(call.baseURL)/storage/v1/b/\(bucketName)/notificationConfigs/\(id)"
    buckets[bucketName]?.notifications[id] = .object(fields)
    return .json(200, .object(fields))
  }

  func notification(_ bucketName: String, _ id: String) throws(APIError) -> JSONValue {
    guard let found = try bucket(bucketName).notifications[Int(id) ?? 0] else {
      throw APIError(status: 404, reason: "notFound", message: "Notification \(id) not found")
    }
    return found
  }

  mutating func deleteNotification(_ bucketName: String, _ id: String) throws(APIError) -> Reply {
    _ = try notification(bucketName, id)
    buckets[bucketName]?.notifications[Int(id) ?? 0] = nil
    return Reply(204)
  }

  private static func isTopic(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 7 && text.hasPrefix("//pubsub.googleapis.com/projects/") && parts[5] == "topics"
      && !parts[4].isEmpty && !parts[6].isEmpty
  }
}
