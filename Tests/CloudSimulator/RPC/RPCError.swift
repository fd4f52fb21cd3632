import RegistryModel

/// A refusal of one of Google's RPC services over JSON.
struct RPCError: Error, Hashable {
  let status: Int
  /// The name of the RPC status.
  let name: String
  let message: String

  static func invalid(_ message: String) -> RPCError {
    RPCError(status: 400, name: "INVALID_ARGUMENT", message: message)
  }
  static func unknownField(_ name: String, at path: String) -> RPCError {
    let place = path.isEmpty ? "" : " at '\(path)'"
    return invalid("Invalid JSON payload received. Unknown name \"\(name)\"\(place): Cannot find field.")
  }
  static func failedPrecondition(_ message: String) -> RPCError {
    RPCError(status: 400, name: "FAILED_PRECONDITION", message: message)
  }
  static func notFound(_ message: String) -> RPCError {
    RPCError(status: 404, name: "NOT_FOUND", message: message)
  }
  static func alreadyExists(_ message: String) -> RPCError {
    RPCError(status: 409, name: "ALREADY_EXISTS", message: message)
  }
  static let unauthenticated = RPCError(
    status: 401, name: "UNAUTHENTICATED",
    message: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or "
      + "other valid authentication credential.")

  var json: JSONValue {
    ["error": ["code": .integer(status), "message": .string(message), "status": .string(name)]]
  }

  /// - Parameter isStreamed: whether the call's answer is an array, in which errors are as well.
  func reply(isStreamed: Bool = false) -> Reply { .json(status, isStreamed ? [json] : json) }
}

extension FaultAnswer {
  /// An RPC service's refusal, such as 503 `UNAVAILABLE`.
  package static func rpc(
    _ status: Int, _ name: String, _ message: String = "simulated", retryAfterSeconds: Int64? = nil
  ) -> FaultAnswer {
    FaultAnswer(
      status, retryAfterSeconds: retryAfterSeconds, contentType: "application/json; charset=UTF-8",
      body: RPCError(status: status, name: name, message: message).json.canonicalText)
  }
}

extension Request {
  /// The JSON object of a body that must have one; no body is an empty one.
  func object() throws(RPCError) -> [String: JSONValue] {
    guard isBodyComplete, body.count <= 11 << 20, let bytes = try? body.bytes(in: 0..<body.count) else {
      throw .invalid("The request's body ended early, or is too large.")
    }
    if bytes.isEmpty { return [:] }
    guard
      let json = try? JSONValue(
        parsing: bytes,
        limits: JSONLimits(
          maximumBytes: 11 << 20, maximumDepth: 128, maximumValues: JSONLimits.standard.maximumValues)),
      let object = json.asObject
    else { throw .invalid("Invalid JSON payload received.") }
    return object
  }
}

extension [String: JSONValue] {
  /// Refuses fields that the message doesn't have.
  func check(known: Set<String>, at path: String = "") throws(RPCError) {
    for name in keys.sorted() where !known.contains(name) { throw .unknownField(name, at: path) }
  }
}
