import Foundation
import HTTPTypes
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@testable import RegistryService

@Suite struct `The page over a store` {
  static let everywhere = [
    "/", "/versions", "/lineage", "/training", "/history", "/audit", "/storage", "/tokens",
  ]

  @Test(arguments: everywhere) func `shows an empty store`(_ path: String) throws {
    let answer = try ServedPages(StoreFixture()).ask(path)
    #expect(answer.status == 200)
    _ = try Markup(answer.text)
  }

  /// A store with hostile texts wherever somebody may write one.
  static func rich() throws -> StoreFixture {
    let fixture = try StoreFixture.ready()
    let registry = try fixture.open()
    let evil = "</title><script>alert(1)</script>\"\u{301} onload=\"alert(1)"
    let archive = try fixture.archive("kitchen", episodes: ["ep_1", "ep_2"])
    try fixture.publish("four", in: registry) { request in
      request.base = try? Reference(parsing: "robot_001_v1")
      request.note = evil
      request.metrics = ["final_loss": 0.25]
      request.archives = [archive]
      request.job = Manifest.JobReference(
        id: "job_\(evil)".storable(maximumBytes: 200, keepingNewlines: false))
    }
    try registry.evaluate(
      Reference(parsing: "robot_001_v4"), document: Array(#"{"<b>":"<i>","score":0.5}"#.utf8), by: evil)
    try registry.activate("robot_001_v4", ActivationOptions(reason: evil))
    return fixture
  }

  @Test func `shows a store with everything in it, and hostile names as text`() throws {
    let fixture = try Self.rich()
    let pages = try ServedPages(fixture)
    let paths =
      Self.everywhere + [
        "/versions?adapter=robot_001", "/versions/robot_001_v4", "/versions/robot_001%40latest",
        "/versions/robot_001_v1/diff/robot_001_v4", "/lineage?subject=robot_001_v4",
        "/lineage?subject=robot_001_v4&episodes=true&depth=6", "/lineage?subject=episode%3Aep_1",
        "/history?adapter=robot_001", "/audit?check=true", "/audit?below=4",
      ]
    for path in paths {
      let answer = try pages.ask(path)
      #expect(answer.status == 200, "\(path)")
      let markup = try Markup(answer.text)
      #expect(markup.tags.allSatisfy { $0["onload"] == nil }, "\(path)")
      #expect(markup.tags.count { $0.name == "script" && !$0.isEnd } == 1, "\(path)")
    }
    let version = try pages.ask("/versions/robot_001_v4").text
    #expect(
      version.contains("&lt;script&gt;") && version.contains("final_loss") && version.contains("&lt;b&gt;"))
  }

  @Test func `shows single parts`() throws {
    let pages = try ServedPages(Self.rich())
    let work = try pages.core.operations.start("sync", as: "page:anna") { _ in .null }
    #expect(pages.core.operations.close(waitingAtMost: 30))
    let paths = [
      "overview": "/", "versions": "/versions", "version": "/versions/robot_001_v4", "training": "/training",
      "history": "/history", "storage": "/storage", "operation": "/operations/\(work.id)",
    ]
    // A job needs somebody to train it.
    for (page, parts) in PageParts.all where page != "job" {
      let path = try #require(paths[page])
      let whole = try Markup(pages.ask(path).text).tags
      for part in parts {
        let tags = try Markup(pages.ask("\(path)?part=\(part)").text).tags
        #expect(tags.first?["data-part"] == part, "\(path) \(part): something stands before it")
        #expect(tags.last?.name == tags.first?.name, "\(path) \(part): something stands behind it")
        #expect(tags.count { $0["data-part"] != nil } == 1, "\(path) \(part): there is another one in it")
        // The same as in the page, and nothing of what stands around it there.
        let start = try #require(whole.firstIndex { $0["data-part"] == part }, "\(path) \(part)")
        #expect(whole[start...].prefix(tags.count).map(\.outline) == tags.map(\.outline), "\(path) \(part)")
      }
      #expect {
        try pages.ask("\(path)?part=nothing")
      } throws: { ($0 as? RegistryError)?.code == .notFound }
    }
  }

  @Test func `says that a job can't be reached, and shows the rest`() throws {
    let answer = try ServedPages(StoreFixture()).ask("/training")
    #expect(answer.text.contains("the jobs can&#39;t be reached"))
  }

  @Test(arguments: [("", ["jobs", "decision"]), ("?part=jobs", ["jobs"]), ("?part=decision", ["decision"])])
  func `asks for what a part of it shows, and no more`(_ query: String, _ asked: [String]) throws {
    let pages = try ServedPages(StoreFixture())
    _ = try pages.ask("/training\(query)")
    #expect(pages.training.asked == asked)
  }

  @Test func `without tokens shows everything, offers nothing, and says how to get a token`() throws {
    let pages = try ServedPages(Self.rich(), [])
    for path in Self.everywhere where path != "/tokens" {
      let text = try pages.ask(path).text
      #expect(!text.contains("/actions/"), "\(path)")
      #expect(text.contains("modelctl token create"), "\(path)")
    }
    #expect(throws: Denied.self) { try pages.ask("/tokens") }
    #expect(throws: Denied.self) { try pages.ask("/actions/confirm", form: [:]) }
  }

  @Test func `leads a comparison to its own address`() throws {
    let pages = try ServedPages(StoreFixture.ready())
    let answer = try pages.ask("/compare?from=+robot_001_v1+&to=robot_001_v2")
    #expect(answer.status == 303 && answer.location == "/versions/robot_001_v1/diff/robot_001_v2")
    #expect(throws: RegistryError.self) { try pages.ask("/compare?from=robot_001_v1") }
    #expect(throws: RegistryError.self) { try pages.ask("/compare?from=..%2F..&to=x") }
  }
}

@Suite struct `The buttons of the page` {
  private let pages: ServedPages

  init() throws { pages = try ServedPages(StoreFixture.ready()) }

  private var active: Int? { pages.core.activeGeneration }

  @Test func `activate, confirm and roll back, with a reason`() throws {
    let activated = try pages.ask(
      "/actions/activate",
      form: [
        "reference": "robot_001_v2", "reason": " night run ", "attempts": "", "deadline": "",
        "if_generation": "1",
      ])
    #expect(activated.status == 303 && activated.location == "/?done=activated")
    #expect(active == 2)
    #expect(try pages.ask("/").text.contains("night run"))
    #expect(try pages.ask("/?done=activated").text.contains("The switch is done."))
    #expect(try pages.ask("/actions/confirm", form: ["if_generation": "2"]).location == "/?done=confirmed")
    let back = try pages.ask(
      "/actions/rollback", form: ["reason": "slips", "bad": "true", "if_generation": "2"])
    #expect(back.location == "/?done=rolled-back" && active == 1)
    #expect(try pages.ask("/versions/robot_001_v2").text.contains("blocked"))
    let entries = try pages.fixture.open().history().items
    #expect(entries.map(\.by) == ["page:anna", "page:anna", "tester"])
  }

  @Test func `do nothing where somebody else was faster, and show what changed`() throws {
    try pages.fixture.open().activate("robot_001_v3", ActivationOptions(reason: "I was first"))
    for (action, form) in [
      ("activate", ["reference": "robot_001_v2", "if_generation": "1"] as KeyValuePairs),
      ("confirm", ["if_generation": "1"]),
      ("rollback", ["if_generation": "1"]), ("deactivate", ["adapter": "robot_001", "if_generation": "1"]),
    ] {
      let answer = try pages.ask("/actions/\(action)", form: form)
      #expect(answer.status == 409, "\(action)")
      #expect(answer.text.contains("Somebody was faster") && answer.text.contains("I was first"), "\(action)")
      #expect(active == 2, "\(action)")
    }
  }

  @Test func `say what they saw, but for the way back`() throws {
    let whole: [(action: String, form: KeyValuePairs<String, String>)] = [
      ("activate", ["reference": "robot_001_v2"]),
      ("activate", ["reference": "robot_001_v2", "if_generation": ""]),
      ("deactivate", ["adapter": "robot_001"]), ("confirm", [:]), ("confirm", ["if_generation": " "]),
    ]
    for (action, form) in whole {
      #expect {
        try pages.ask("/actions/\(action)", form: form)
      } throws: { ($0 as? RegistryError)?.code == .usage }
      #expect(active == 1, "\(action)")
    }
    try pages.fixture.open().activate("robot_001_v3")
    #expect(try pages.ask("/actions/rollback", form: [:]).status == 303)
    #expect(active == 1)
  }

  @Test func `pass a refusal on that has another reason`() throws {
    #expect {
      try pages.ask("/actions/activate", form: ["reference": "robot_001_v9", "if_generation": "1"])
    } throws: { ($0 as? RegistryError)?.code == .notFound }
    #expect {
      try pages.ask("/actions/uninstall", form: ["reference": "robot_001_v1"])
    } throws: { ($0 as? RegistryError)?.code == .refused }
  }

  @Test func `do nothing without the page's own token`() throws {
    for seal in ["", "wrong", String(repeating: "0", count: 32)] {
      for action in ["activate", "confirm", "rollback", "install", "pin", "run", "token-create"] {
        #expect {
          try pages.ask("/actions/\(action)", form: ["reference": "robot_001_v2"], seal: seal)
        } throws: { ($0 as? RegistryError)?.code == .permission }
      }
    }
    #expect(active == 1)
  }

  @Test func `are for whoever may`() throws {
    let reader = try ServedPages(StoreFixture.ready(), [.read])
    let trainer = try ServedPages(StoreFixture.ready(), [.train])
    for route in PageRoutes.all where route.method == .post && route.path.description.hasPrefix("/actions/") {
      #expect(throws: Denied.self) { try reader.ask(route.path.description, form: [:]) }
      guard !route.path.description.contains("train"), !route.path.description.contains("upload") else {
        continue
      }
      #expect(throws: Denied.self) { try trainer.ask(route.path.description, form: [:]) }
    }
  }

  @Test func `install, pin, unpin and uninstall`() throws {
    #expect(
      try pages.ask("/actions/pin", form: ["reference": "robot_001_v3"]).location
        == "/versions/robot_001_v3?done=pinned")
    #expect(try pages.ask("/actions/unpin", form: ["reference": "robot_001_v3"]).status == 303)
    #expect(
      try pages.ask("/actions/uninstall", form: ["reference": "robot_001_v3"]).location
        == "/versions/robot_001_v3?done=uninstalled")
    let installed = try pages.ask("/actions/install", form: ["reference": "robot_001_v3"])
    let location = try #require(installed.location)
    #expect(installed.status == 303 && location.hasPrefix("/operations/op_"))
    #expect(try pages.ask(location).text.contains("robot_001_v3"))
    #expect(pages.core.operations.close(waitingAtMost: 30))
  }

  @Test func `make a token and show it once, and take it back`() throws {
    let made = try pages.ask(
      "/actions/token-create",
      form: ["name": "ben", "scope_read": "true", "scope_train": "true", "expires_in": "90d"])
    #expect(made.status == 201 && made.text.contains("mctl_"))
    #expect(!(try pages.ask("/tokens").text.contains("mctl_")))
    #expect(throws: RegistryError.self) {
      try pages.ask("/actions/token-create", form: ["name": "carla", "expires_in": ""])
    }
    #expect(try pages.ask("/actions/token-revoke", form: ["name": "ben"]).location == "/tokens?done=revoked")
    #expect(try pages.ask("/tokens").text.contains("revoked"))
  }

  /// A stolen token doesn't wait until the index is there again.
  @Test func `take a token back without an index, too`() throws {
    _ = try pages.ask("/actions/token-create", form: ["name": "ben", "scope_read": "true"])
    let ben = try TokenName(parsing: "ben")
    #expect(try pages.core.tokens.usable(ben, at: pages.core.now) != nil)
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      let path = "\(pages.fixture.root)/\(name)"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      try FileManager.default.moveItem(atPath: path, toPath: pages.fixture.scratch(name))
    }
    #expect {
      try pages.ask("/actions/token-revoke", form: ["name": "ben"])
    } throws: { ($0 as? RegistryError)?.unchanged.contains("ben is revoked") == true }
    #expect(try pages.core.tokens.usable(ben, at: pages.core.now) == nil)
  }

  @Test func `that switch go before whoever reads`() {
    #expect(SwitchActions.all.allSatisfy(\.isUrgent))
  }
}

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
