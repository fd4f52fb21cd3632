import HTTPTypes
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@testable import RegistryService

@Suite struct `Signing in` {
  @Test func `takes a token and leads on, and to nowhere else`() throws {
    let pages = try ServedPages(StoreFixture(), [])
    let token = try pages.fixture.open().createToken(TokenName(parsing: "anna"), scopes: [.read])
    let signedIn = try pages.ask("/login", form: ["token": token.secret, "next": "/versions?adapter=a"])
    #expect(signedIn.status == 303 && signedIn.location == "/versions?adapter=a")
    let cookie = try #require(signedIn.response.headers[.setCookie])
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
    for next in ["//evil.example", "https://evil.example", "/\\evil", ""] {
      #expect(try pages.ask("/login", form: ["token": token.secret, "next": next]).location == "/")
    }
  }

  @Test func `shows the form again after a wrong token, and asks to wait after many`() throws {
    let pages = try ServedPages(StoreFixture())
    let wrong = try pages.ask("/login", form: ["token": "mctl_wrong", "next": "/audit"])
    #expect(wrong.status == 401 && wrong.text.contains("value=\"/audit\""))
    #expect(wrong.response.headers[.setCookie] == nil)
    let tries = try (0..<6).map { _ in try pages.ask("/login", form: ["token": "x", "next": "/"]) }
    #expect(tries.map(\.status) == [401, 401, 401, 401, 429, 429])
    #expect(tries.last?.response.headers[.retryAfter] == "10")
    #expect(try pages.ask("/login", form: ["token": "", "next": "/"]).status == 400)
  }

  @Test func `tells strangers nothing of the robot`() throws {
    var configuration = Configuration()
    configuration.remote.robot = try RobotName(parsing: "kitchen-robot-7")
    let pages = try ServedPages(StoreFixture(), [], configuration)
    #expect(try pages.ask("/").text.contains("kitchen-robot-7"))
    let page = try pages.ask("/login").text
    #expect(page.contains("<h1>Sign in</h1>") && !page.contains("kitchen-robot-7"))
  }

  @Test func `ends with signing out`() throws {
    let pages = try ServedPages(StoreFixture())
    #expect(throws: RegistryError.self) { try pages.ask("/logout", form: [:], seal: "wrong") }
    let out = try pages.ask("/logout", form: [:])
    #expect(out.location == "/login")
    let session = try #require(pages.session)
    #expect(pages.core.sessions.find(session.id) == nil)
  }
}
