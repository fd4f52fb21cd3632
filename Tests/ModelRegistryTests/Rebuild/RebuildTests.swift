import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct RebuildTests {
  static let stable = try! ChannelName(parsing: "stable")

  /// A store with a story: two adapters, channels, an evaluation, a pin, a block, a rollback, an uninstalled version.
  static func storied() throws -> StoreFixture {
    let fixture = try StoreFixture.ready("rebuild")
    let registry = try fixture.open()
    try fixture.publish("other", as: "robot_002", in: registry) { request in
      request.base = "robot_001_v1"
      request.job = Manifest.JobReference(id: "job_0123456789ab")
      request.metrics = ["final_loss": 0.25]
    }
    try registry.setChannel(stable, to: "robot_001_v1", reason: "first")
    try registry.setChannel(stable, to: "robot_001_v2")
    try registry.evaluate(
      "robot_001_v2", result: fixture.scratch.write("evaluation.json", "{\"success\":0.9}"), by: "rig")
    try registry.pin("robot_001_v3")
    try registry.activate(["robot_001_v2", "robot_002_v1"])
    try registry.confirm()
    try registry.activate("robot_001_v3")
    try registry.health(.fault("gripper oscillates"))
    try fixture.publish("four", in: registry)
    _ = try registry.uninstall("robot_001_v4")
    return fixture
  }

  /// Everything that is to come back, as text.
  private func account(_ fixture: StoreFixture) throws -> [String] {
    let registry = try fixture.open()
    var lines: [String] = []
    for item in try registry.versions().items {
      lines.append("\(item)")
      let (_, manifest) = try registry.show(.version(item.version))
      lines.append(manifest.json.canonicalText)
      lines.append("\(try registry.files(of: .version(item.version)).files)")
      lines.append("\(try registry.evaluations(of: .version(item.version)))")
    }
    lines.append("\(try registry.channels().items)")
    for channel in try registry.channels().items {
      lines.append("\(try registry.history(of: channel.adapter, channel: channel.name).items)")
    }
    lines.append("\(try registry.pins())")
    let status = try registry.status()
    lines.append("\(status.active.map { "\($0.generation) \($0.state) \($0.set.sorted)" } ?? "nothing")")
    lines.append("fallback \(status.fallback ?? 0), \(status.versions ?? 0) \(status.installed ?? 0)")
    lines.append("\(status.blobs ?? 0) blobs, \(status.blobBytes ?? 0), blocked \(status.blockedDigests)")
    lines.append("\(try registry.rollbackTarget())")
    return lines
  }

  private func removeIndex(_ fixture: StoreFixture) throws {
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      try FileManager.default.removeItem(atPath: fixture.path(name))
    }
  }

  @Test func `a lost index comes back with everything that files say, and says what does not`() throws {
    let fixture = try Self.storied()
    let before = try account(fixture)
    try removeIndex(fixture)
    #expect(code { try fixture.open() } == .integrity)
    let result = try Registry.rebuild(fixture.root, fixture.options())
    #expect(result.base == .nothing && result.problems == [])
    #expect(result.lost.contains { $0.contains("history") } && result.lost.contains { $0.contains("audit") })
    let after = try account(fixture)
    for (now, then) in zip(after, before) { #expect(now == then) }
    #expect(after.count == before.count)
    try fixture.expectSound()
    try fixture.open().activate("robot_001_v2", ActivationOptions(force: true))
    try fixture.expectSound()
  }

  @Test func `the record goes on behind the last one that a generation names`() throws {
    let fixture = try Self.storied()
    try removeIndex(fixture)
    let head = try Registry.rebuild(fixture.root, fixture.options()).head
    let check = try fixture.open().verifyAudit()
    #expect(check.problems == [] && check.records == 1 && check.head == head)
    #expect((head?.seq ?? 0) > 10)
    let first = try fixture.open().audit().items.first
    #expect(first?.record.kind == .rebuild && first?.record.prev != nil)
    #expect(try fixture.kinds(1) == [.recovered])
  }

  @Test func `an index that can be read keeps its record, and nothing else changes`() throws {
    let fixture = try Self.storied()
    let before = try account(fixture)
    let records = try fixture.open().verifyAudit().records
    let result = try Registry.rebuild(fixture.root, fixture.options())
    #expect(result.base == .index && result.added == 0 && result.lost == [] && result.problems == [])
    #expect(try account(fixture) == before)
    #expect(try fixture.open().verifyAudit().records == records + 1)
    try fixture.expectSound()
  }

  @Test func `a trial whose index was lost is reverted by the next boot, and blocks nothing`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2")
    try removeIndex(fixture)
    let result = try Registry.rebuild(fixture.root, fixture.options())
    #expect(result.lost.contains { $0.contains("trial of generation 2") })
    #expect(fixture.active == "generations/2", "a rebuild moves no link")
    let boot = try fixture.boot()
    #expect(boot.reverted == .unknown && fixture.active == "generations/1")
    #expect(try !fixture.isBlocked("robot_001_v2"))
    try fixture.expectSound()
  }

  @Test func `an index that is older than the store is completed by what came after it`() throws {
    let fixture = try StoreFixture.copied()
    let copy = fixture.scratch("old.db")
    try fixture.open().backup(to: copy)
    try fixture.publish("later")
    try fixture.open().activate("robot_001_v4")
    try fixture.open().confirm()
    let before = try account(fixture)
    try removeIndex(fixture)
    try FileManager.default.copyItem(atPath: copy, toPath: fixture.path("registry.db"))
    let refusal = try failure { try fixture.open() }
    #expect(refusal.code == .integrity && refusal.hint.contains("rebuild"))
    let result = try Registry.rebuild(fixture.root, fixture.options())
    #expect(result.base == .index && result.added == 2)
    #expect(try account(fixture) == before)
    try fixture.expectSound()
  }
}
