import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct BackupTests {
  private func removeIndex(_ fixture: StoreFixture) throws {
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      try FileManager.default.removeItem(atPath: fixture.path(name))
    }
  }

  @Test func `a backup is one whole file, and restoring it keeps the record up to it and completes the rest`()
    throws
  {
    let fixture = try RebuildTests.storied()
    let file = fixture.scratch("index.backup")
    let result = try fixture.open().backup(to: file)
    #expect(result.versions == 5 && result.bytes > 0)
    let records = try fixture.open().verifyAudit().records
    try fixture.publish("five")
    try fixture.open().setChannel(RebuildTests.stable, to: "robot_001_v5")
    try removeIndex(fixture)
    let restored = try Registry.restore(fixture.root, from: file, fixture.options())
    #expect(restored.base == .backup && restored.added == 2 && restored.problems == [])
    #expect(try fixture.open().digest(of: "robot_001@stable").version.number == 5)
    #expect(try fixture.open().verifyAudit().records == records + 1)
    #expect(try fixture.kinds(1) == [.revert], "the history is the backup's")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: fixture.scratch.path).filter {
        $0.contains("index.b")
      }
        == ["index.backup"], "one file, without log or journal")
    try fixture.expectSound()
  }

  @Test func `a sound index is not restored over unless it is forced`() throws {
    let fixture = try RebuildTests.storied()
    let file = fixture.scratch("index.backup")
    try fixture.open().backup(to: file)
    try fixture.publish("five")
    let changed = try change(of: fixture.root) { () throws in
      #expect(code { try Registry.restore(fixture.root, from: file, fixture.options()) } == .refused)
    }
    #expect(changed == [])
    let result = try Registry.restore(fixture.root, from: file, force: true, fixture.options())
    #expect(result.added == 1 && result.head != nil)
    #expect(try fixture.open().audit(limit: 1000).items.last?.record.kind == .restore)
    try fixture.expectSound()
  }

  @Test func `another process that has the index open goes on with what was restored`() throws {
    let fixture = try RebuildTests.storied()
    let file = fixture.scratch("index.backup")
    try fixture.open().backup(to: file)
    let other = try fixture.open()
    try fixture.publish("five", in: other)
    _ = try Registry.restore(fixture.root, from: file, force: true, fixture.options())
    #expect(try other.audit(limit: 1000).items.last?.record.kind == .restore)
    try fixture.publish("six", in: other)
    try fixture.expectSound()
  }

  @Test func `what is no backup is refused, and a backup replaces only a backup`() throws {
    let fixture = try StoreFixture.copied()
    let other = try fixture.scratch.write("letter.txt", "dear diary")
    let changed = try change(of: fixture.root) { () throws in
      #expect(code { try fixture.open().backup(to: other) } == .refused)
      #expect(code { try fixture.open().backup(to: fixture.scratch("nowhere/x")) } == .notFound)
      for path in [other, fixture.scratch("source-one")] {
        #expect(
          code { try Registry.restore(fixture.root, from: path, force: true, fixture.options()) }
            == .integrity)
      }
      #expect(
        code {
          try Registry.restore(fixture.root, from: fixture.scratch("no"), force: true, fixture.options())
        }
          == .notFound)
    }
    #expect(changed == [])
    let file = fixture.scratch("index.backup")
    try fixture.open().backup(to: file)
    try fixture.open().backup(to: file)
  }
}
