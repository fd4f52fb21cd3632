import GoogleCloud
import RegistryModel
import Testing

/// Another program that speaks Firestore's JSON interface itself.
struct FirestoreForeignJobs: ForeignJobs {
  /// `http://HOST:PORT`.
  let base: String
  /// `projects/P/databases/D/documents`.
  let root: String
  let collection: String

  func write(_ id: String, _ members: [String: JSONValue]) throws {
    var values: [String: JSONValue] = [:]
    for (name, value) in members { values[name] = try FirestoreValue.encode(value, at: name) }
    try write(id, values: values)
  }

  /// - Parameter values: as Firestore writes them.
  func write(_ id: String, values: [String: JSONValue]) throws {
    let update: JSONValue = ["name": .string("\(root)/\(collection)/\(id)"), "fields": .object(values)]
    let mask = values.keys.sorted().map { JSONValue.string($0) }
    _ = try call("commit", ["writes": [["update": update, "updateMask": ["fieldPaths": .array(mask)]]]])
  }

  func values(of id: String) throws -> [String: JSONValue] {
    let answer = try call("batchGet", ["documents": [.string("\(root)/\(collection)/\(id)")]])
    return try #require(answer.asArray?.first?["found"]?["fields"]?.asObject)
  }

  func members(of id: String) throws -> [String: JSONValue] {
    try FirestoreValue.decode(fields: values(of: id), at: id)
  }

  private func call(_ verb: String, _ body: JSONValue) throws -> JSONValue {
    var request = HTTPRequest(
      .post, try HTTPAddress(parsing: "\(base)/v1/\(root):\(verb)"), body: .bytes(body.canonicalBytes))
    request.headers.set("Content-Type", "application/json")
    request.headers.set("Authorization", "Bearer owner")
    let response = try HTTPClient(HTTPConfiguration()).perform(request)
    try #require(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
    return try JSONValue(parsing: response.body)
  }
}
