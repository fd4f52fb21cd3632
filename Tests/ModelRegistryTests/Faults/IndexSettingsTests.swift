import Foundation
import TestSupport
import Testing

@testable import ModelRegistry

/// What a power cut would punish, asked of connections made the way the program makes them.
@Suite struct IndexSettingsTests {
  @Test func `every commit of the program's connection is durable, and nothing checkpoints by itself`() throws
  {
    let fixture = try StoreFixture.copied()
    for registry in [try fixture.open(), try Registry.create(fixture.root, fixture.options())] {
      let settings = try registry.index().settings()
      #expect(settings["journal_mode"] == "\"wal\"")
      #expect(settings["synchronous"] == "2", "FULL")
      #expect(settings["wal_autocheckpoint"] == "0")
      #expect(settings["keeps_wal"] == "1")
      #expect(settings["foreign_keys"] == "1")
      #expect(settings["user_version"] == "\(Index.newestSchema)")
    }
  }

  @Test func `closing the last connection keeps the log`() throws {
    let fixture = try StoreFixture.copied()
    let before = try fileSize(fixture.path("registry.db"))
    do { _ = try fixture.open().pin("robot_001_v2") }
    #expect(try fileSize(fixture.path("registry.db-wal")) > 0)
    #expect(try fileSize(fixture.path("registry.db")) == before, "no checkpoint on close")
  }

  @Test func `tidy checkpoints a log that has grown, and only that`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let small = try fileSize(fixture.path("registry.db-wal"))
    registry.tidy()
    #expect(try fileSize(fixture.path("registry.db-wal")) == small)
    for number in 0..<1200 { try fixture.scratch.write("many/\(number)", "\(number)") }
    try registry.publish(PublishRequest(adapter: "robot_001", paths: [fixture.scratch("many")]))
    while try fileSize(fixture.path("registry.db-wal")) <= 4 << 20 {
      try registry.pin("robot_001_v4")
      try registry.unpin("robot_001_v4")
    }
    registry.tidy()
    #expect(try fileSize(fixture.path("registry.db-wal")) == 0)
    try fixture.expectSound()
  }

  @Test func `the file says whose it is`() throws {
    let fixture = try StoreFixture.copied()
    let answer = try run("/usr/bin/sqlite3", fixture.path("registry.db"), "PRAGMA application_id")
    #expect(Int(answer.trimmingCharacters(in: .newlines)) == Index.applicationID)
  }

  @Test func `a version and an audit record can't be rewritten by mistake`() throws {
    let fixture = try StoreFixture.copied()
    let index = try fixture.open().index()
    for sql in [
      "UPDATE versions SET number = 9", "UPDATE audit SET reason = 'x'", "DELETE FROM audit",
      "UPDATE versions SET digest = zeroblob(32)",
    ] {
      #expect(throws: RegistryError.self, "\(sql)") { try index.write { try $0.execute(sql) } }
    }
    try fixture.expectSound()
  }
}
