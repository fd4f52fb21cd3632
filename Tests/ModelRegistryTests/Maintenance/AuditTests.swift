import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct AuditTests {
  private func store() throws -> StoreFixture {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2", ActivationOptions(reason: "night run"))
    try registry.confirm()
    try registry.pin("robot_001_v3")
    return fixture
  }

  /// Edits the index as somebody would who has the file: behind the program's back, triggers dropped.
  private func edit(_ fixture: StoreFixture, _ sql: String) throws {
    try run(
      "/usr/bin/sqlite3", fixture.path("registry.db"),
      "DROP TRIGGER audit_is_never_rewritten; DROP TRIGGER audit_is_never_shortened; \(sql)")
  }

  @Test func `what was done is recorded, in order, by whom and why`() throws {
    let fixture = try store()
    let registry = try fixture.open()
    let records = try registry.audit().items.map(\.record)
    #expect(records.map(\.seq) == Array(1...Int64(records.count)))
    #expect(
      records.map(\.kind) == [.create, .publish, .publish, .publish, .activate, .activate, .confirm, .pin])
    #expect(records.allSatisfy { $0.by == "tester" })
    #expect(records[5].reason == "night run" && records[5].to == "robot_001_v2")
    let check = try registry.verifyAudit()
    #expect(check.problems == [] && check.records == records.count && check.head?.seq == records.last?.seq)
  }

  @Test func `pages go on where the last one ended, and since leaves out what is older`() throws {
    let fixture = try store()
    let registry = try fixture.open()
    let first = try registry.audit(limit: 3)
    #expect(first.items.map(\.record.seq) == [1, 2, 3] && first.next == 3)
    #expect(try registry.audit(after: 3, limit: 100).items.first?.record.seq == 4)
    #expect(try registry.audit(after: 3, limit: 100).next == nil)
    fixture.time.advance(seconds: 60)
    let now = fixture.time.clock.now()
    try registry.unpin("robot_001_v3")
    #expect(try registry.audit(since: now).items.map(\.record.kind) == [.unpin])
  }

  @Test(arguments: [
    ("UPDATE audit SET reason = 'other' WHERE seq = 3", "was changed"),
    ("UPDATE audit SET \"by\" = 'nobody' WHERE seq = 1", "was changed"),
    ("UPDATE audit SET at = at + 1 WHERE seq = 8", "was changed"),
    ("UPDATE audit SET kind = 'fault' WHERE seq = 5", "was changed"),
    ("UPDATE audit SET digest = zeroblob(32) WHERE seq = 4", "was changed"),
    ("UPDATE audit SET prev = zeroblob(32) WHERE seq = 4", "was changed"),
    ("UPDATE audit SET prev = NULL WHERE seq = 4", "was changed"),
    ("DELETE FROM audit WHERE seq = 4", "missing before 5"),
    ("DELETE FROM audit WHERE seq = 1", "missing before 2"),
    (
      "INSERT INTO audit SELECT 9, at + 9, by, kind, subject, \"from\", \"to\", reason, prev, digest FROM audit "
        + "WHERE seq = 8", "9 was changed"
    ),
    ("DELETE FROM audit WHERE seq > 4", "5 is missing"),
    ("DELETE FROM audit", "is missing"),
  ])
  func `a changed, missing or inserted record is found`(sql: String, words: String) throws {
    let fixture = try store()
    try edit(fixture, sql)
    let registry = try Registry.openForReading(fixture.root, fixture.options())
    let problems = try registry.verifyAudit().problems
    #expect(problems.contains { $0.contains(words) }, "\(problems)")
    #expect(try registry.doctor().contains { $0.subject == "audit" && $0.isProblem })
    // An index that lacks what a generation was built after is not written to.
    if words.hasSuffix("is missing") { #expect(code { try fixture.open() } == .integrity) }
  }

  @Test func `a record of an unknown kind is damage, not a crash`() throws {
    let fixture = try store()
    try edit(fixture, "UPDATE audit SET kind = 'nonsense' WHERE seq = 3")
    #expect(code { try fixture.open().verifyAudit() } == .integrity)
    #expect(try fixture.open().doctor().contains { $0.subject == "audit" && $0.isProblem })
  }

  @Test func `a chain that was made again from the middle differs from a generation's head`() throws {
    let fixture = try store()
    // Records 2 and later are forged well, with digests that fit: those of another store with other words.
    let other = try StoreFixture()
    let forger = try other.open()
    for content in ["five", "six", "seven", "eight"] { try other.publish(content, in: forger) }
    try run("/usr/bin/sqlite3", other.path("registry.db"), "PRAGMA wal_checkpoint(TRUNCATE)")
    try edit(
      fixture,
      """
      ATTACH '\(other.path("registry.db"))' AS other; DELETE FROM audit;
      INSERT INTO audit SELECT * FROM other.audit WHERE seq <= 5;
      """)
    let problems = try Registry.openForReading(fixture.root, fixture.options()).verifyAudit().problems
    #expect(problems.contains { $0.contains("generation 2") }, "\(problems)")
    #expect(code { try fixture.open() } == .integrity)
  }

  @Test func `a record that was exchanged for another good one doesn't fit the chain`() throws {
    let fixture = try store()
    let other = try StoreFixture()
    let writer = try other.open()
    for content in ["five", "six"] { try other.publish(content, in: writer) }
    try run("/usr/bin/sqlite3", other.path("registry.db"), "PRAGMA wal_checkpoint(TRUNCATE)")
    try edit(
      fixture,
      """
      ATTACH '\(other.path("registry.db"))' AS other; DELETE FROM audit WHERE seq = 3;
      INSERT INTO audit SELECT * FROM other.audit WHERE seq = 3;
      """)
    let problems = try fixture.open().verifyAudit().problems
    #expect(
      problems.contains { $0.contains("3 doesn't follow") }
        && problems.contains { $0.contains("4 doesn't follow") })
    #expect(problems.allSatisfy { !$0.contains("was changed") }, "each record by itself is good: \(problems)")
  }

  @Test func `a clock that is set back leaves the record in order`() throws {
    let fixture = try store()
    let registry = try fixture.open()
    let before = try #require(try registry.audit().items.last?.record.at)
    fixture.time.setWall(Timestamp(milliseconds: 1_000_000_000_000))
    try registry.unpin("robot_001_v3")
    try registry.activate("robot_001_v3")
    try registry.rollback()
    let times = try registry.audit().items.map(\.record.at)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    #expect(times.last.map { $0.milliseconds - before.milliseconds } ?? 0 < 100, "by a millisecond each")
    #expect(try registry.doctor().contains { $0.subject == "clock" && $0.isProblem })
    try fixture.expectSound()
  }

  @Test func `refusals are recorded`() throws {
    let fixture = try store()
    let registry = try fixture.open()
    try registry.rollback(bad: true)
    #expect(code { try registry.activate("robot_001_v2") } == .refused)
    let last = try #require(try registry.audit().items.last?.record)
    #expect(last.kind == .refuse && last.reason?.contains("blocked") == true)
  }
}
