import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct LineageTests {
  /// v1 on archive a; v2 from v1 on a and b; v3 from v1 without one; v4 from v3 on c. Episodes: a1, a2, both; b1, both; c1.
  static func family() throws -> StoreFixture {
    let fixture = try StoreFixture("lineage")
    let registry = try fixture.open()
    let archives = [
      "a": try fixture.archive("a", episodes: ["a1", "a2", "both"]),
      "b": try fixture.archive("b", episodes: ["b1", "both"]),
      "c": try fixture.archive("c", episodes: ["c1"]),
    ]
    let plan: [(String, Int?, [String])] = [
      ("one", nil, ["a"]), ("two", 1, ["a", "b"]), ("three", 1, []), ("four", 3, ["c"]),
    ]
    for (number, (content, base, trainedOn)) in plan.enumerated() {
      try fixture.publish(content, in: registry) { request in
        request.base = base.flatMap { try? Reference(parsing: "robot_001_v\($0)") }
        request.job = Manifest.JobReference(id: "job_\(number + 1)")
        request.archives = trainedOn.compactMap { archives[$0] }
      }
    }
    let file = try fixture.scratch.write("result.json", "{\"success\":0.9}")
    try registry.evaluate("robot_001_v2", result: file, by: "rig")
    return fixture
  }

  private func ids(_ graph: LineageGraph) -> Set<String> {
    Set(graph.nodes.map { LineageGraph.Key($0.key.kind, $0.key.id).id })
  }

  private let a = StoreFixture.digest("a").description
  private let b = StoreFixture.digest("b").description
  private let c = StoreFixture.digest("c").description

  @Test func `up goes to bases, jobs and archives, down to versions and evaluations`() throws {
    let registry = try Self.family().open()
    let up = try registry.lineage(of: "robot_001_v4", LineageScope(down: false))
    #expect(ids(up) == ["robot_001_v4", "robot_001_v3", "robot_001_v1", "job_4", "job_3", "job_1", a, c])
    #expect(up.edges.count == 7 && up.warnings == [] && !up.isCut)
    let down = try registry.lineage(of: "robot_001_v1", LineageScope(up: false))
    #expect(ids(down).isSuperset(of: ["robot_001_v1", "robot_001_v2", "robot_001_v3", "robot_001_v4"]))
    #expect(down.nodes.filter { $0.key.kind == .evaluation }.count == 1 && down.nodes.count == 5)
    #expect(down[LineageGraph.Key(.version, "robot_001_v2")]?.facts["installed"] == .bool(true))
  }

  @Test func `depth cuts, and says that there is more`() throws {
    let registry = try Self.family().open()
    let one = try registry.lineage(of: "robot_001_v4", LineageScope(down: false, depth: 1))
    #expect(ids(one) == ["robot_001_v4", "robot_001_v3", "job_4", c] && one.isCut)
    #expect(try !registry.lineage(of: "robot_001_v4", LineageScope(down: false, depth: 3)).isCut)
    #expect(try registry.lineage(of: "robot_001_v4", LineageScope(depth: 0)).nodes.count == 1)
  }

  @Test func `an archive, an episode and a job are subjects, by name or digest`() throws {
    let registry = try Self.family().open()
    let archive = try registry.lineage(of: b)
    #expect(ids(archive).isSuperset(of: ["b1", "both", "robot_001_v2"]))
    let episode = try registry.lineage(of: "both")
    #expect(ids(episode).isSuperset(of: [a, b, "robot_001_v1", "robot_001_v2"]))
    let digest = StoreFixture.digest("both").description
    #expect(try registry.lineage(of: digest).subject == LineageGraph.Key(.episode, "both"))
    #expect(try registry.lineage(of: "episode:b1").subject.id == "b1")
    let job = try registry.lineage(of: "job_4")
    #expect(ids(job).isSuperset(of: ["job_4", "robot_001_v4", "robot_001_v3", c]) && job.nodes.count == 8)
    #expect(
      job.edges.contains(LineageGraph.Edge(from: LineageGraph.Key(.archive, c), to: job.subject, .archive)))
    for unknown in ["job:none", "episode:none", "archive:\(StoreFixture.digest("x"))", "robot_009_v1", ""] {
      #expect(
        code { try registry.lineage(of: unknown) } == (unknown.isEmpty ? .usage : .notFound), "\(unknown)")
    }
  }

  @Test func `episodes are counted, and shown where that is asked`() throws {
    let registry = try Self.family().open()
    let plain = try registry.lineage(of: "robot_001_v1", LineageScope(down: false))
    #expect(plain[LineageGraph.Key(.archive, a)]?.facts["episodes"] == .integer(3))
    #expect(plain.nodes.allSatisfy { $0.key.kind != .episode })
    let full = try registry.lineage(of: "robot_001_v1", LineageScope(down: false, showsEpisodes: true))
    #expect(ids(full).isSuperset(of: ["a1", "a2", "both"]))
  }

  @Test func `a base that is not here has its name, and is not known`() throws {
    let fixture = try Self.family()
    try fixture.tamper(
      "DELETE FROM files WHERE version = 3", "DELETE FROM edges WHERE version = 3",
      "DELETE FROM versions WHERE id = 3")
    let registry = try Registry.openForReading(fixture.root, fixture.options())
    let graph = try registry.lineage(of: "robot_001_v4", LineageScope(down: false))
    #expect(graph[LineageGraph.Key(.version, "robot_001_v3")]?.isKnown == false)
    #expect(ids(graph) == ["robot_001_v4", "robot_001_v3", "job_4", c])
  }

  @Test func `a cycle, which only damage can make, ends and is told`() throws {
    let fixture = try Self.family()
    let v4 = try fixture.digest("robot_001_v4")
    try fixture.tamper("INSERT INTO edges (version, kind, parent) VALUES (1, 'base', '\(v4)')")
    let registry = try Registry.openForReading(fixture.root, fixture.options())
    let graph = try registry.lineage(of: "robot_001_v1")
    #expect(graph.warnings.contains { $0.contains("its own origins") })
    #expect(graph.text.contains("shown above"))
    #expect(try registry.impact(of: a).versions.map(\.version.version.number) == [1, 3, 4, 2])
  }

  @Test func `a chain of ten thousand is walked and printed`() throws {
    let fixture = try Self.family()
    let v4 = try fixture.digest("robot_001_v4")
    try fixture.tamper(
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
      INSERT INTO versions (id, adapter, number, digest, content, created_at, added_at, bytes, installed)
      SELECT 100 + i, 'deep', i, CAST(printf('%032d', i) AS BLOB), zeroblob(32), i, i, 1, 0 FROM n
      """,
      """
      INSERT INTO edges (version, kind, parent)
      SELECT id, 'base', CASE number WHEN 1 THEN '\(v4)' ELSE
        'sha256:' || lower(hex(CAST(printf('%032d', number - 1) AS BLOB))) END FROM versions WHERE adapter = 'deep'
      """)
    let registry = try Registry.openForReading(fixture.root, fixture.options())
    let up = try registry.lineage(of: "deep_v10000", LineageScope(down: false))
    #expect(up.nodes.count == 10_000 + 8 && up.text.utf8.count < 2_000_000)
    #expect(up.dot.contains("\"version deep_v9999\" -> \"version deep_v10000\""))
    let down = try registry.lineage(of: "robot_001_v4", LineageScope(up: false))
    #expect(down.nodes.count == 10_001 && down.text.utf8.count < 2_000_000)
    let last = try registry.impact(of: c, after: VersionID(parsing: "deep_v9990"), limit: 100)
    #expect(last.versions.count == 10 && last.versions.last?.depth == 10_000 && last.next == nil)
  }
}
