import CloudSimulator
import RegistryModel
import Testing

/// An answer with its body in memory.
struct Answer {
  let status: Int
  let headers: Headers
  let bytes: [UInt8]

  var text: String { String(decoding: bytes, as: UTF8.self) }
  var json: JSONValue { get throws { try JSONValue(parsing: bytes) } }
  var contentType: String { headers["Content-Type"] ?? "" }
  var reason: String? { try? json["error"]?["errors"]?.asArray?.first?["reason"]?.asString }
}

/// Calls the simulator's core without a connection, at a time that stands still.
struct Caller {
  let clock = ManualClock()
  let cloud: Cloud
  static let objects = "/storage/v1/b/models/o"
  static let uploads = "/upload/storage/v1/b/models/o"

  init(_ options: StorageOptions = StorageOptions(), requiresToken: Bool = false) {
    cloud = Cloud(buckets: ["models"], options: options, requiresToken: requiresToken, clock: clock.clock)
  }

  var storage: StorageState { cloud.storage }

  func call(
    _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8] = [],
    isBodyComplete: Bool = true
  ) throws -> Answer {
    let fields = Headers([("Host", "127.0.0.1:9")] + headers)
    let made = Request(method: method, target: target, headers: fields, body: ByteStore(body))
    var request = try #require(made)
    request.isBodyComplete = isBodyComplete
    let reply = cloud.handle(request)
    return Answer(status: reply.status, headers: reply.headers, bytes: try reply.allBytes())
  }

  func call(_ method: String, _ target: String, _ headers: [(String, String)] = [], json: JSONValue) throws
    -> Answer
  {
    try call(method, target, headers, body: json.canonicalBytes)
  }

  /// Uploads bytes in one request, and returns their object.
  @discardableResult
  func upload(_ bytes: [UInt8], as name: String, _ query: String = "") throws -> JSONValue {
    let answer = try call(
      "POST", "\(Self.uploads)?uploadType=media&name=\(PercentEncoding.encode(name.utf8))\(query)",
      body: bytes)
    try #require(answer.status == 200, "\(answer.text)")
    return try answer.json
  }

  /// Opens an upload session, and returns its path and query.
  func session(_ name: String, _ query: String = "", json: JSONValue = .object([:])) throws -> String {
    let answer = try call("POST", "\(Self.uploads)?uploadType=resumable&name=\(name)\(query)", json: json)
    try #require(answer.status == 200, "\(answer.text)")
    let location = try #require(answer.headers["Location"])
    return String(location.dropFirst("http://127.0.0.1:9".count))
  }

  func put(
    _ session: String, _ range: String, _ bytes: [UInt8] = [], _ headers: [(String, String)] = [],
    breaks: Bool = false
  ) throws -> Answer {
    try call("PUT", session, [("Content-Range", range)] + headers, body: bytes, isBodyComplete: !breaks)
  }
}

/// Bytes that differ from place to place.
func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }
