import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// An index that can't be opened never stops `active`, `boot` and `rollback`; everything else says what is wrong.
@Suite struct LostIndexTests {
  enum Loss: String, CaseIterable, CustomTestStringConvertible {
    case missing, garbage, truncated, empty, folder, otherDatabase, brokenPage, newerSchema

    var testDescription: String { rawValue }

    var code: RegistryError.Code { self == .newerSchema ? .refused : .integrity }

    func apply(_ fixture: StoreFixture) throws {
      let path = fixture.path("registry.db")
      try run("/usr/bin/sqlite3", path, "PRAGMA wal_checkpoint(TRUNCATE)")
      if self != .newerSchema {
        for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
      }
      switch self {
      case .missing: try #require(unlink(path) == 0)
      case .garbage:
        try Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }).write(to: URL(filePath: path))
      case .truncated: try #require(truncate(path, 8192) == 0)
      case .empty: try #require(truncate(path, 0) == 0)
      case .folder: try #require(unlink(path) == 0 && mkdir(path, 0o755) == 0)
      case .otherDatabase:
        try #require(unlink(path) == 0)
        try run("/usr/bin/sqlite3", path, "CREATE TABLE other (x)")
      case .brokenPage:
        let file = open(path, O_WRONLY)
        defer { close(file) }
        let noise = [UInt8](repeating: 0xA5, count: 4000)
        for page in 1..<10 { try #require(pwrite(file, noise, 4000, page * 4096) == 4000) }
        // The quick check runs once per boot: this is the boot after the damage.
        fixture.time.reboot()
      case .newerSchema: try run("/usr/bin/sqlite3", path, "PRAGMA user_version = 99")
      }
    }
  }

  @Test(arguments: Loss.allCases)
  func `what is confirmed is loaded`(loss: Loss) throws {
    let fixture = try StoreFixture.copied()
    try loss.apply(fixture)
    let changed = try change(of: fixture.root) { () throws in
      let state = try ActiveState.read(fixture.root)
      #expect(state.generation == 1 && state.state == .confirmed)
      let boot = try fixture.boot()
      #expect(boot.generation == 1 && boot.state == .confirmed && boot.reverted == nil)
      #expect(!boot.warnings.isEmpty || loss == .brokenPage, "it says that the index can't be read")
    }
    #expect(changed == [])
  }

  @Test(arguments: Loss.allCases)
  func `a trial goes back at the next boot, and nothing is blocked`(loss: Loss) throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2")
    try loss.apply(fixture)
    let boot = try fixture.boot()
    #expect(boot.generation == 1 && boot.state == .confirmed && boot.path == fixture.path("generations/1"))
    #expect([.unknown, .unrecorded].contains(boot.reverted))
    #expect(fixture.active == "generations/1")
    #expect(try fixture.names(in: "marks/blocked") == [])
    #expect(try fixture.boot().reverted == nil)
  }

  @Test(arguments: Loss.allCases)
  func `a rollback works, by chain and by number`(loss: Loss) throws {
    let fixture = try StoreFixture.copied()
    for version in ["robot_001_v2", "robot_001_v3"] {
      try fixture.open().activate(version, ActivationOptions(confirmed: true))
    }
    try loss.apply(fixture)
    let back = try fixture.open(acceptsLostIndex: true).rollback(bad: true, reason: "drops parts")
    #expect(back.generation == 2 && back.state == .confirmed && !back.warnings.isEmpty)
    #expect(try fixture.names(in: "marks/blocked").count == 1, "the mark outlives the index")
    #expect(try fixture.open(acceptsLostIndex: true).rollback(to: 1).generation == 1)
    #expect(try ActiveState.read(fixture.root).set.sorted.map(\.version.number) == [1])
  }

  @Test(arguments: Loss.allCases)
  func `a fault on trial goes back`(loss: Loss) throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2")
    try loss.apply(fixture)
    let result = try fixture.open(acceptsLostIndex: true).health(.fault("arm drops"))
    #expect(result.generation == 1 && fixture.active == "generations/1")
    #expect(try fixture.names(in: "marks/blocked").count == 1)
  }

  @Test(arguments: Loss.allCases)
  func `everything else says that the index is lost, and changes nothing`(loss: Loss) throws {
    let fixture = try StoreFixture.copied()
    let source = try fixture.source("new")
    try loss.apply(fixture)
    let changed = try change(of: fixture.root) { () throws in
      let error = try failure { try fixture.open() }
      #expect(error.code == loss.code && !error.hint.isEmpty, "\(error)")
      #expect(code { try Registry.openForReading(fixture.root, fixture.options()).versions() } == loss.code)
      let registry = try fixture.open(acceptsLostIndex: true)
      let calls: [() throws -> Any] = [
        { try registry.publish(PublishRequest(adapter: "robot_001", paths: [source])) },
        { try registry.activate("robot_001_v2") }, { try registry.deactivate("robot_001") },
        { try registry.install("robot_001_v2") }, { try registry.uninstall("robot_001_v2") },
        { try registry.versions() }, { try registry.history() }, { try registry.collect() },
        { try registry.verify() }, { try registry.verifyAudit() }, { try registry.pin("robot_001_v2") },
        { try registry.confirm() },
      ]
      for (number, call) in calls.enumerated() { #expect(code(call) == loss.code, "call \(number)") }
      #expect(try registry.status().problems.isEmpty == false)
      #expect(try registry.doctor().contains { $0.subject == "index" && $0.isProblem })
    }
    #expect(changed == [])
  }

  @Test(arguments: Loss.allCases)
  func `init makes no new store over one whose index is lost`(loss: Loss) throws {
    let fixture = try StoreFixture.copied()
    try loss.apply(fixture)
    let changed = try change(of: fixture.root) { () throws in
      #expect(code { try Registry.create(fixture.root, fixture.options()) } == loss.code)
    }
    #expect(changed == [])
  }

  @Test func `where the log can't be opened the hint tells of room and of the kernel's log`() throws {
    let fixture = try StoreFixture.copied()
    try FileManager.default.removeItem(atPath: fixture.path("registry.db-wal"))
    try FileManager.default.createDirectory(
      atPath: fixture.path("registry.db-wal"), withIntermediateDirectories: false)
    let error = try failure { try fixture.open().pin("robot_001_v1") }
    #expect(error.hint.contains("has room") && error.hint.contains("the kernel's log"), "\(error)")
  }

  @Test func `an index that another connection holds delays the way back but does not stop it`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2")
    let holder = try Talk("/usr/bin/sqlite3", [fixture.path("registry.db")])
    try holder.say("BEGIN IMMEDIATE; SELECT 'held';")
    #expect(try holder.hear() == "held")
    #expect(try ActiveState.read(fixture.root).generation == 2)
    #expect(code { try fixture.open().pin("robot_001_v2") } == .busy)
    let back = try fixture.open(acceptsLostIndex: true).rollback()
    #expect(back.generation == 1 && back.switchNumber == nil)
    #expect(back.warnings.contains { $0.contains("not recorded yet") })
    #expect(fixture.active == "generations/1")
    try holder.say("COMMIT; SELECT 'free';")
    #expect(try holder.hear() == "free")
    try fixture.expectSound()
    #expect(try fixture.kinds(1) == [.recovered], "the next opening recorded it")
    #expect(try fixture.open().activate("robot_001_v2").state == .trial)
  }

  @Test func `an index that is locked even against readers stops neither boot nor rollback`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2")
    let holder = try Talk("/usr/bin/sqlite3", [fixture.path("registry.db")])
    try holder.say("PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE; SELECT 'held';")
    #expect(try holder.hear() == "exclusive")
    #expect(try holder.hear() == "held")
    #expect(try ActiveState.read(fixture.root).generation == 2)
    let boot = try fixture.boot()
    #expect(boot.generation == 1 && boot.reverted != nil)
    #expect(code { try fixture.open() } == .busy)
  }
}
