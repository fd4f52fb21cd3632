import HTTPTypes
import RegistryModel
import Testing

@testable import RegistryService

@Suite struct `A problem` {
  private func answer(
    _ error: RegistryError, _ path: String, accept: String, _ method: HTTPRequest.Method = .get
  )
    -> APIResponse
  {
    answer(Problem(error), path, accept: accept, method)
  }

  private func answer(_ problem: Problem, _ path: String, accept: String, _ method: HTTPRequest.Method = .get)
    -> APIResponse
  {
    var head = HTTPRequest(method: method, scheme: "http", authority: "robot:8470", path: path)
    head.headerFields[.accept] = accept
    head.headerFields[.referer] = "http://robot:8470/versions/robot_001_v1"
    return problem.answer(to: head, path: String(path.prefix { $0 != "?" }), request: "id")
  }

  private let missing = RegistryError(.notFound, "<b> is not known", hint: "see the list")

  @Test func `is a page for browsers, with the way back`() throws {
    let page = answer(missing, "/versions/x", accept: "text/html,*/*")
    #expect(page.status == .notFound)
    guard case .bytes(let bytes, let type) = page.body else {
      Issue.record("no page")
      return
    }
    let markup = try Markup(String(decoding: bytes, as: UTF8.self))
    #expect(type == "text/html; charset=utf-8")
    #expect(markup.text.contains("&lt;b&gt; is not known."))
    #expect(markup.tags.contains { $0["href"] == "/versions/robot_001_v1" })
  }

  @Test(arguments: [
    ("/api/models", "text/html"), ("/versions", "*/*"), ("/metrics", "text/html"), ("/api", "text/html"),
  ])
  func `is a document for machines`(_ path: String, _ accept: String) {
    guard case .bytes(_, let type) = answer(missing, path, accept: accept).body else {
      Issue.record("no document")
      return
    }
    #expect(type == "application/problem+json")
  }

  @Test func `sends whoever isn't known to sign in, and back afterwards`() {
    let page = answer(Denied.unknown.problem, "/history?adapter=robot_001", accept: "text/html")
    #expect(page.status == .seeOther)
    #expect(page.headers[.location] == "/login?next=%2Fhistory%3Fadapter%3Drobot_001")
    #expect(
      answer(Denied.unknown.problem, "/actions/pin", accept: "text/html", .post).status == .unauthorized)
    #expect(answer(Denied.unknown.problem, "/api/models", accept: "text/html").status == .unauthorized)
  }
}
