import GoogleCloud
import RegistryModel
import Testing

@Suite struct AnswerTests {
  @Test func `numbers stand in strings, and nothing else is one`() {
    #expect(ObjectResource.integer(.string("1700000000000000")) == 1_700_000_000_000_000)
    #expect(ObjectResource.integer(.string("9223372036854775807")) == .max)
    for text in ["", "-1", "+1", "1.0", " 1", "9223372036854775808", "0x1", "١"] {
      #expect(ObjectResource.integer(.string(text)) == nil, "\(text)")
    }
    #expect(ObjectResource.integer(5) == nil)
    #expect(ObjectResource.integer(nil) == nil)
  }

  @Test(
    arguments: [
      (#""generation":"7""#, #""generation":"0""#), (#""generation":"7""#, #""generation":7"#),
      (#""size":"3""#, #""size":"x""#), (#""crc32c":""#, #""crc32c":"A"#),
      ("2026-01-05T10", "yesterday"), (#""name":"#, #""nane":"#),
    ])
  func `a resource that isn't whole is none`(_ from: String, _ to: String) throws {
    let text = resource("x", [1, 2, 3])
    let name = try path("x")
    let whole = try JSONValue(parsing: Array(text.utf8))
    #expect(ObjectResource.parse(whole, as: { _ in name }) == (try described("x", [1, 2, 3])))
    let broken = try JSONValue(parsing: Array(text.replacing(from, with: to).utf8))
    #expect(ObjectResource.parse(broken, as: { _ in name }) == nil)
  }

  static let sessions: [(Int, HTTPHeaders, UploadAnswer)] = [
    (308, ["Range": "bytes=0-262143"], .stored(262_144)), (308, [:], .stored(0)),
    (308, ["range": "bytes=1-5"], .malformed), (308, ["Range": "bytes=0-x"], .malformed),
    (200, ["X-HTTP-Status-Code-Override": "308", "Range": "bytes=0-9"], .stored(10)),
    (200, [:], .finished), (201, [:], .finished), (412, [:], .existed), (410, [:], .gone), (404, [:], .gone),
    (499, [:], .gone), (503, [:], .other), (400, [:], .other), (403, [:], .other),
  ]
  @Test(arguments: sessions.indices) func `a session's answers are told apart`(_ index: Int) {
    let (status, headers, expected) = Self.sessions[index]
    #expect(UploadAnswer(HTTPResponse(status: status, headers: headers)) == expected)
  }

  private func answer(_ status: Int, _ type: String?, _ body: String) -> ServiceProblem {
    var headers: HTTPHeaders = [:]
    if let type { headers.set("Content-Type", type) }
    return ServiceProblem(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
  }

  @Test func `an error is read by its type`() {
    let json = answer(412, "application/json; charset=UTF-8", notHeld)
    #expect(json.reason == "conditionNotMet" && json.isDocument)
    #expect(json.message?.hasPrefix("At least one") == true)
    let page = answer(404, "text/html; charset=UTF-8", "<b>No such object:</b> models/x")
    #expect(page.message == "No such object: models/x")
    #expect(!page.isDocument)
    #expect(answer(502, nil, "\u{0}\u{1}").text == "502")
    #expect(
      answer(404, "application/json", #"{"error":{"message":"The specified bucket does not exist."}}"#)
        .isBucketMissing)
    #expect(!answer(404, "application/json", missing).isBucketMissing)
  }

  @Test(
    arguments: [
      (401, RegistryError.Code.permission), (403, .permission), (404, .notFound), (429, .remote),
      (503, .remote),
      (302, .remote), (400, .remote),
    ])
  func `a refusal says who must act`(_ status: Int, _ code: RegistryError.Code) {
    let error = answer(status, "text/plain", "no").asRegistryError(
      "read x", bucket: "models", account: "me@x")
    #expect(error.code == code)
    #expect(error.message == "can't read x: the store answered \(status) (no)")
    if status == 403 { #expect(error.hint.contains("me@x") && error.hint.contains("gs://models")) }
  }

  @Test func `headers from the environment are one a line`() throws {
    let lines = "X-Gateway: a: b \n\nX-Other:\r\n"
    let configuration = try HTTPConfiguration(environment: ["MODELCTL_HTTP_HEADERS": lines])
    #expect(configuration.extraHeaders.map(\.name) == ["X-Gateway", "X-Other"])
    #expect(configuration.extraHeaders.map(\.value) == ["a: b", ""])
    for text in ["nothing", "Content-Length: 3", "Bad Name: x", ": x", "X: a\u{0}secret"] {
      let error = failure { try HTTPConfiguration(environment: ["MODELCTL_HTTP_HEADERS": text]) }
      #expect(error?.code == .usage, "\(text)")
      #expect(error?.description.contains("secret") == false)
    }
  }
}
