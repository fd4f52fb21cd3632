import CloudSimulator
import GoogleCloud
import RegistryModel
import Testing

/// The same requests to the simulator and to the official emulator: what one accepts, so does the other.
@Suite struct FirestoreAgreementTests {
  /// A request, and the answer that both give.
  struct Exchange: Sendable {
    let what: String
    let verb: String
    /// `@` stands for the root of all documents.
    let body: String
    let status: Int
    let name: String?
    /// What the emulator answers where the simulator is stricter, or as the service is.
    var emulator: (status: Int, name: String?)?

    init(
      _ what: String, _ verb: String, _ body: String, _ status: Int, _ name: String? = nil,
      emulator: (status: Int, name: String?)? = nil
    ) {
      self.what = what
      self.verb = verb
      self.body = body
      self.status = status
      self.name = name
      self.emulator = emulator
    }

    static func write(_ members: String) -> String { #"{"writes":[{\#(members)}]}"# }
    static func update(_ id: String, _ fields: String, _ rest: String = "") -> String {
      write(#""update":{"name":"@/c/\#(id)","fields":{\#(fields)}}\#(rest)"#)
    }
    static func query(_ rest: String) -> String {
      #"{"structuredQuery":{"from":[{"collectionId":"c"}]\#(rest)}}"#
    }
    static let order =
      #","orderBy":[{"field":{"fieldPath":"n"},"direction":"DESCENDING"}]"#
    static func equal(_ field: String) -> String {
      #","where":{"fieldFilter":{"field":{"fieldPath":"\#(field)"},"op":"EQUAL","value":{"integerValue":"1"}}}"#
    }

    /// In this order: the first makes what the others find.
    static let all: [Exchange] = [
      Exchange(
        "made", "commit", update("a", #""n":{"integerValue":"1"}"#, #","currentDocument":{"exists":false}"#),
        200),
      Exchange(
        "made again", "commit", update("a", "", #","currentDocument":{"exists":false}"#), 409,
        "ALREADY_EXISTS"),
      Exchange(
        "changed what is missing", "commit", update("b", "", #","currentDocument":{"exists":true}"#), 404,
        "NOT_FOUND"),
      Exchange(
        "changed another state", "commit",
        update("a", "", #","currentDocument":{"updateTime":"2026-01-05T10:00:00.123456Z"}"#), 400,
        "FAILED_PRECONDITION"),
      Exchange(
        "changed a state of what is missing", "commit",
        update("b", "", #","currentDocument":{"updateTime":"2026-01-05T10:00:00.123456Z"}"#), 400,
        "FAILED_PRECONDITION"),
      Exchange(
        "a time that is none", "commit", update("a", "", #","currentDocument":{"updateTime":"yesterday"}"#),
        400,
        "INVALID_ARGUMENT"),
      Exchange(
        "an array in an array", "commit",
        update("a", #""x":{"arrayValue":{"values":[{"arrayValue":{}}]}}"#), 400, "INVALID_ARGUMENT"),
      Exchange(
        "a reserved name", "commit", update("a", #""__x__":{"nullValue":null}"#), 400, "INVALID_ARGUMENT"),
      Exchange("an empty name", "commit", update("a", #""":{"nullValue":null}"#), 400, "INVALID_ARGUMENT"),
      Exchange(
        "a number as an integer's text", "commit", update("a", #""x":{"integerValue":"1.5"}"#), 400,
        "INVALID_ARGUMENT"),
      Exchange("no time", "commit", update("a", #""x":{"timestampValue":"now"}"#), 400, "INVALID_ARGUMENT"),
      Exchange("an unknown kind", "commit", update("a", #""x":{"intValue":"1"}"#), 400, "INVALID_ARGUMENT"),
      Exchange(
        "an unknown field", "commit", update("a", "", #","precondition":{}"#), 400, "INVALID_ARGUMENT"),
      Exchange(
        "a mask that is no path", "commit", update("a", "", #","updateMask":{"fieldPaths":["a b"]}"#), 400,
        "INVALID_ARGUMENT"),
      Exchange(
        "a path in a map", "commit",
        update(
          "a", #""w":{"mapValue":{"fields":{"id":{"stringValue":"x"}}}}"#,
          #","updateMask":{"fieldPaths":["w.id"]}"#),
        200),
      Exchange(
        "a field outside of the mask", "commit",
        update("a", #""y":{"nullValue":null}"#, #","updateMask":{"fieldPaths":["n2"]}"#), 400,
        "INVALID_ARGUMENT", emulator: (200, nil)),
      Exchange("no writes", "commit", #"{"writes":[]}"#, 400, "INVALID_ARGUMENT", emulator: (200, nil)),
      Exchange(
        "a document elsewhere", "commit",
        write(#""update":{"name":"projects/other/databases/(default)/documents/c/a","fields":{}}"#), 400,
        "INVALID_ARGUMENT", emulator: (200, nil)),
      Exchange("found and missing", "batchGet", #"{"documents":["@/c/a","@/c/none"]}"#, 200),
      Exchange(
        "an unknown field", "batchGet", #"{"documents":["@/c/a"],"masks":{}}"#, 400, "INVALID_ARGUMENT"),
      Exchange("all", "runQuery", query(""), 200),
      Exchange("in order", "runQuery", query(order), 200),
      Exchange("an unknown field", "runQuery", query(#","sort":1"#), 400, "INVALID_ARGUMENT"),
      Exchange("one field", "runQuery", query(equal("n")), 200),
      Exchange(
        "another field and an order", "runQuery", query(equal("m") + order), 400, "FAILED_PRECONDITION",
        emulator: (200, nil)),
      Exchange(
        "a cursor of too many values", "runQuery",
        query(
          order + #","startAt":{"values":[{"integerValue":"1"},{"integerValue":"1"},{"integerValue":"1"}]}"#),
        400,
        "INVALID_ARGUMENT"),
      Exchange("a negative limit", "runQuery", query(#","limit":-1"#), 400, "INVALID_ARGUMENT"),
    ]
  }

  /// The status and its name; answers in an array have it in their first element.
  private func ask(_ exchange: Exchange, _ base: String, _ root: String) throws -> (
    status: Int, name: String?
  ) {
    let body = exchange.body.split(separator: "@", omittingEmptySubsequences: false).joined(separator: root)
    var request = HTTPRequest(
      .post, try HTTPAddress(parsing: "\(base)/v1/\(root):\(exchange.verb)"), body: .bytes(Array(body.utf8)))
    request.headers.set("Content-Type", "application/json")
    request.headers.set("Authorization", "Bearer owner")
    let response = try HTTPClient(HTTPConfiguration()).perform(request)
    return (response.status, response.isSuccess ? nil : ServiceProblem(response).reason)
  }

  @Test func `the simulator answers what the service's documentation and its emulator say`() throws {
    let cloud = try SimulatedFirestore()
    for exchange in Exchange.all {
      let answer = try ask(exchange, cloud.simulator.url, SimulatedFirestore.root)
      #expect(answer.status == exchange.status, "\(exchange.verb): \(exchange.what)")
      #expect(answer.name == exchange.name, "\(exchange.verb): \(exchange.what)")
    }
  }

  @Test func `the official emulator answers the same, where the simulator isn't stricter`() throws {
    guard let emulator = try FirestoreEmulator.start() else { return }
    let root = "projects/\(FirestoreEmulator.project)/databases/(default)/documents"
    for exchange in Exchange.all {
      let answer = try ask(exchange, emulator.base, root)
      let expected = exchange.emulator ?? (exchange.status, exchange.name)
      #expect(answer.status == expected.status, "\(exchange.verb): \(exchange.what)")
      #expect(answer.name == expected.name, "\(exchange.verb): \(exchange.what)")
    }
  }

  @Test func `a change that changes nothing keeps its time`() throws {
    let cloud = try SimulatedFirestore()
    let name = "\(SimulatedFirestore.root)/c/a"
    func commit() throws -> String {
      let body = #"{"writes":[{"update":{"name":"\#(name)","fields":{"n":{"integerValue":"1"}}}}]}"#
      let request = HTTPRequest(
        .post, try HTTPAddress(parsing: "\(cloud.simulator.url)/v1/\(SimulatedFirestore.root):commit"),
        body: .bytes(Array(body.utf8)))
      let response = try HTTPClient(HTTPConfiguration()).perform(request)
      let json = try JSONValue(parsing: response.body)
      return try #require(json["writeResults"]?.asArray?.first?["updateTime"]?.asString)
    }
    let first = try commit()
    cloud.time.advance(seconds: 5)
    #expect(try commit() == first)
  }

  @Test func `single documents are made, got and deleted`() throws {
    let cloud = try SimulatedFirestore()
    let base = "\(cloud.simulator.url)/v1/\(SimulatedFirestore.root)/c"
    func call(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) throws -> (Int, JSONValue)
    {
      let request = HTTPRequest(
        method, try HTTPAddress(parsing: base + path), body: body.map { .bytes(Array($0.utf8)) } ?? .none)
      let response = try HTTPClient(HTTPConfiguration()).perform(request)
      return (response.status, try JSONValue(parsing: response.body))
    }
    let fields =
      #"{"fields":{"a":{"integerValue":"1"},"b":{"timestampValue":"2026-01-05T10:00:00.1234567Z"}}}"#
    let made = try call(.post, "?documentId=x", fields)
    #expect(made.0 == 200)
    #expect(made.1["fields"]?["b"] == ["timestampValue": "2026-01-05T10:00:00.123456Z"])
    #expect(try call(.post, "?documentId=x", fields).1["error"]?["status"] == "ALREADY_EXISTS")
    #expect(try call(.get, "/x?mask.fieldPaths=a").1["fields"] == ["a": ["integerValue": "1"]])
    #expect(try call(.get, "/x?mask=a").0 == 400)
    #expect(try call(.delete, "/x?currentDocument.exists=true").0 == 200)
    #expect(try call(.delete, "/x?currentDocument.exists=true").0 == 404)
    #expect(try call(.delete, "/x").0 == 200)
    #expect(try call(.get, "/x").1["error"]?["status"] == "NOT_FOUND")
  }
}
