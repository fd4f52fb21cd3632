/// An object's place.
package struct ObjectLocation: Hashable, Sendable {
  package let bucket: String
  package let name: ObjectName
}

/// What a request asks of Cloud Storage.
enum Operation: Hashable {
  case listBuckets
  case insertBucket
  case getBucket(String)
  case deleteBucket(String)
  case bucketLayout(String)
  case listNotifications(String)
  case insertNotification(String)
  case getNotification(String, id: String)
  case deleteNotification(String, id: String)
  case list(String)
  case get(ObjectLocation)
  case media(ObjectLocation)
  case delete(ObjectLocation)
  case patch(ObjectLocation)
  case update(ObjectLocation)
  case insertMedia(String)
  case insertMultipart(String)
  case startSession(String)
  case putSession(String, id: String)
  case deleteSession(String, id: String)
  case compose(ObjectLocation)
  case copy(ObjectLocation, to: ObjectLocation)
  case rewrite(ObjectLocation, to: ObjectLocation)
  case move(ObjectLocation, to: ObjectLocation)

  /// Nil for a path or method that the API doesn't have.
  init?(_ request: Request) throws(APIError) {
    var path = request.path[...]
    var isUpload = false
    if path.starts(with: ["resumable", "upload"]) {
      path = path.dropFirst(2)
      isUpload = true
    } else if path.first == "upload" {
      path = path.dropFirst()
      isUpload = true
    } else if path.first == "download" {
      path = path.dropFirst()
    }
    guard path.starts(with: ["storage", "v1", "b"]) else { return nil }
    let rest = Array(path.dropFirst(3))
    let found =
      isUpload
      ? try Self.upload(request, rest)
      : rest.count < 3 || rest[1] == "notificationConfigs"
        ? Self.bucket(request, rest) : try Self.object(request, rest)
    guard let found else { return nil }
    self = found
  }

  /// The object that is read or changed, where the path names it.
  var object: ObjectLocation? {
    switch self {
    case .get(let location), .media(let location), .delete(let location), .patch(let location),
      .update(let location), .compose(let location), .copy(let location, _), .rewrite(let location, _),
      .move(let location, _):
      location
    default: nil
    }
  }

  private static func bucket(_ request: Request, _ rest: [String]) -> Operation? {
    switch (request.method, rest.count) {
    case ("GET", 0): .listBuckets
    case ("POST", 0): .insertBucket
    case ("GET", 1): .getBucket(rest[0])
    case ("DELETE", 1): .deleteBucket(rest[0])
    case ("GET", 2) where rest[1] == "o": .list(rest[0])
    case ("GET", 2) where rest[1] == "storageLayout": .bucketLayout(rest[0])
    case ("GET", 2) where rest[1] == "notificationConfigs": .listNotifications(rest[0])
    case ("POST", 2) where rest[1] == "notificationConfigs": .insertNotification(rest[0])
    case ("GET", 3): .getNotification(rest[0], id: rest[2])
    case ("DELETE", 3): .deleteNotification(rest[0], id: rest[2])
    default: nil
    }
  }

  private static func object(_ request: Request, _ rest: [String]) throws(APIError) -> Operation? {
    guard rest[1] == "o" else { return nil }
    let source = try location(rest[0], rest[2])
    if rest.count == 3 {
      return switch request.method {
      case "GET": request.wantsMedia ? .media(source) : .get(source)
      case "DELETE": .delete(source)
      case "PATCH": .patch(source)
      case "PUT": .update(source)
      default: nil
      }
    }
    guard request.method == "POST" else { return nil }
    switch (rest[3], rest.count) {
    case ("compose", 4): return .compose(source)
    case ("moveTo", 6) where rest[4] == "o": return .move(source, to: try location(rest[0], rest[5]))
    case ("copyTo", 8) where rest[4] == "b" && rest[6] == "o":
      return .copy(source, to: try location(rest[5], rest[7]))
    case ("rewriteTo", 8) where rest[4] == "b" && rest[6] == "o":
      return .rewrite(source, to: try location(rest[5], rest[7]))
    default: return nil
    }
  }

  private static func upload(_ request: Request, _ rest: [String]) throws(APIError) -> Operation? {
    guard rest.count == 2, rest[1] == "o" else { return nil }
    if let id = request.query["upload_id"] {
      return switch request.method {
      // Go's client posts its chunks.
      case "PUT", "POST": .putSession(rest[0], id: id)
      case "DELETE": .deleteSession(rest[0], id: id)
      default: nil
      }
    }
    guard request.method == "POST" else { return nil }
    switch request.query["uploadType"] {
    case "media": return .insertMedia(rest[0])
    case "multipart": return .insertMultipart(rest[0])
    case "resumable": return .startSession(rest[0])
    case nil: throw .required("uploadType")
    case let other?: throw .invalidParameter("uploadType", "'\(other)'")
    }
  }

  private static func location(_ bucket: String, _ name: String) throws(APIError) -> ObjectLocation {
    guard let name = ObjectName(name) else { throw .invalid("Invalid object name: '\(name)'") }
    return ObjectLocation(bucket: bucket, name: name)
  }
}
