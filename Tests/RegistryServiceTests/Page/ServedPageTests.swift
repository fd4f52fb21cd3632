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
