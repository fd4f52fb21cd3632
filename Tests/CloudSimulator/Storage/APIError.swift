import RegistryModel

/// A refusal of the API; the answer is JSON, or plain text where an object's bytes were asked for.
struct APIError: Error, Hashable {
  let status: Int
  let reason: String
  let message: String
  var location: [String] = []
  var headers: [String: String] = [:]

  static func invalid(_ message: String) -> APIError {
    APIError(status: 400, reason: "invalid", message: message)
  }
  static func invalidParameter(_ name: String, _ problem: String) -> APIError {
    APIError(
      status: 400, reason: "invalidParameter", message: "Invalid value for parameter '\(name)': \(problem)",
      location: ["parameter", name])
  }
  static func required(_ name: String) -> APIError {
    APIError(
      status: 400, reason: "required", message: "Required parameter: \(name)", location: ["parameter", name])
  }
  static func noObject(_ bucket: String, _ name: ObjectName) -> APIError {
    APIError(status: 404, reason: "notFound", message: "No such object: \(bucket)/\(name)")
  }
  static let noBucket = APIError(
    status: 404, reason: "notFound", message: "The specified bucket does not exist.")
  static let conditionNotMet = APIError(
    status: 412, reason: "conditionNotMet",
    message: "At least one of the pre-conditions you specified did not hold.",
    location: ["header", "If-Match"])
  /// A read whose `NotMatch` equals: an answer without a body.
  static let notModified = APIError(status: 304, reason: "notModified", message: "")
  static let backend = APIError(status: 500, reason: "backendError", message: "Backend Error")
  static func rateLimited(_ bucket: String, _ name: ObjectName) -> APIError {
    APIError(
      status: 429, reason: "rateLimitExceeded",
      message:
        "The object \(bucket)/\(name) exceeded the rate limit for object mutation operations (create, update, "
        + "and delete). Please reduce your request rate. See https://cloud.google.com/storage/docs/gcs429.")
  }
  static func held(_ bucket: String, _ name: ObjectName, _ hold: String) -> APIError {
    APIError(
      status: 403, reason: "forbidden",
      message:
        "Object '\(bucket)/\(name)' is under active \(hold) hold and cannot be deleted, overwritten or archived "
        + "until hold is removed.")
  }

  func reply(asMedia: Bool) -> Reply {
    if status == 304 { return Reply(304) }
    let extra = headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    if asMedia { return .text(status, message, type: "text/html; charset=UTF-8", extra) }
    var entry: [String: JSONValue] = [
      "domain": "global", "reason": .string(reason), "message": .string(message),
    ]
    if location.count == 2 {
      entry["locationType"] = .string(location[0])
      entry["location"] = .string(location[1])
    }
    return .json(
      status,
      ["error": ["code": .integer(status), "message": .string(message), "errors": [.object(entry)]]], extra)
  }
}
