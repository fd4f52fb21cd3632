import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct ImpactTests {
  private func numbers(_ page: ImpactPage) -> [Int] { page.versions.map(\.version.version.number) }

  @Test func `everything that descends from an archive or an episode is found once`() throws {
    let registry = try LineageTests.family().open()
    let a = StoreFixture.digest("a").description
    let all = try registry.impact(of: a)
    #expect(numbers(all) == [1, 3, 4, 2] && all.next == nil)
    #expect(all.versions.map(\.depth) == [0, 1, 2, 0], "v2 was trained on it, too")
    #expect(numbers(try registry.impact(of: "b1")) == [2])
    #expect(numbers(try registry.impact(of: "both")) == [1, 3, 4, 2])
    #expect(numbers(try registry.impact(of: StoreFixture.digest("c1").description)) == [4])
    #expect(all.robots.count == 1 && all.robots.first?.installed.count == 4)
    #expect(all.robots.first?.active == [])
  }

  @Test(arguments: 1...5) func `pages of any size are the whole`(_ limit: Int) throws {
    let fixture = try LineageTests.family()
    let registry = try fixture.open()
    for number in 5...11 {
      try fixture.publish("n\(number)", in: registry) { request in
        request.base = try? Reference(parsing: "robot_001_v\(number / 2)")
      }
    }
    let a = StoreFixture.digest("a").description
    let whole = numbers(try registry.impact(of: a))
    #expect(Set(whole) == Set(1...11) && whole.count == 11)
    var paged: [Int] = []
    var after: VersionID?
    repeat {
      let page = try registry.impact(of: a, after: after, limit: limit)
      paged += numbers(page)
      after = page.next
    } while after != nil
    #expect(paged == whole)
  }

  @Test func `what no version has learned from, and what is no archive`() throws {
    let fixture = try LineageTests.family()
    let registry = try fixture.open()
    #expect(code { try registry.impact(of: "none") } == .notFound)
    #expect(code { try registry.impact(of: "robot_001_v1") } == .usage)
    #expect(code { try registry.impact(of: "job_1") } == .usage)
    let unrelated = try fixture.publish("unrelated", in: registry).version
    #expect(
      code { try registry.impact(of: StoreFixture.digest("a").description, after: unrelated) } == .usage)
  }

  @Test func `manifests that were attached before there was a table for them are read at the next opening`()
    throws
  {
    let fixture = try LineageTests.family()
    try fixture.tamper(
      "INSERT INTO unread_archives (manifest) SELECT manifest FROM archives", "DELETE FROM episodes",
      "DELETE FROM archives")
    #expect(
      code { try Registry.openForReading(fixture.root, fixture.options()).impact(of: "both") } == .notFound)
    let registry = try fixture.open()
    #expect(numbers(try registry.impact(of: "both")) == [1, 3, 4, 2])
    try fixture.expectSound()
  }

  @Test func `a manifest that can't be read stays unread, and doctor names it`() throws {
    let fixture = try LineageTests.family()
    try fixture.tamper("INSERT INTO unread_archives (manifest) VALUES (zeroblob(32))")
    #expect(try fixture.open().doctor().contains { $0.subject == "archives" && $0.isProblem })
    #expect(numbers(try fixture.open().impact(of: "b1")) == [2])
  }

  @Test(arguments: [
    "{}", #"{"archive":"x","episodes":[]}"#, #"{"archive":"sha256:00","episodes":[]}"#,
    #"{"archive":"0000000000000000000000000000000000000000000000000000000000000000","episodes":[{"id":"e"}]}"#,
  ])
  func `a malformed manifest of an archive is refused, and nothing is left`(_ text: String) throws {
    let fixture = try StoreFixture.copied()
    let file = try fixture.scratch.write("archive.json", text)
    let registry = try fixture.open()
    let changed = try change(of: fixture.root) { () throws in
      #expect(code { try fixture.publish("new", in: registry) { $0.archives = [file] } } == .integrity)
    }
    #expect(changed == [])
  }

  @Test func `lineage comes back with a rebuilt index`() throws {
    let fixture = try LineageTests.family()
    func answers() throws -> [String] {
      let registry = try fixture.open()
      return try ["robot_001_v4", "robot_001_v1", "both", "job_4"].map {
        try registry.lineage(of: $0).json.canonicalText
      } + [numbers(registry.impact(of: "both")).description]
    }
    let before = try answers()
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      try FileManager.default.removeItem(atPath: fixture.path(name))
    }
    #expect(try Registry.rebuild(fixture.root, fixture.options()).problems == [])
    for (now, then) in try zip(answers(), before) {
      #expect(try JSONSet(now) == JSONSet(then))
    }
    try fixture.expectSound()
  }

  /// Nodes and edges without their order, which may follow the order of rows.
  private struct JSONSet: Equatable {
    let parts: Set<JSONValue>

    init(_ text: String) throws {
      let value = try JSONValue(parsing: Array(text.utf8))
      parts = Set((value["nodes"]?.asArray ?? [value]) + (value["edges"]?.asArray ?? []))
    }
  }
}
