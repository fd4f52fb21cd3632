import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// A disk that is really full: the way back works, and so does what makes room.
@Suite(.enabled(if: Mount.isPossible, Mount.reason)) struct FullDiskTests {
  /// A store on a file system of its own, with v1 confirmed and v2 on trial in generation 2.
  private static func store(on mount: String) throws -> StoreFixture {
    setenv("MODELCTL_TEST_SCRATCH", mount, 1)
    let fixture = try StoreFixture.ready()
    _ = try fixture.source("new")
    try fixture.open().activate("robot_001_v2")
    try #require(fixture.exists("reserve"))
    return fixture
  }

  /// Empties the log, so that the next transaction needs blocks.
  private static func emptyLog(_ fixture: StoreFixture) throws {
    let registry = try fixture.open()  // who closes last would remove the log
    try run("/usr/bin/sqlite3", fixture.path("registry.db"), "PRAGMA wal_checkpoint(TRUNCATE)")
    try #require(try fileSize(fixture.path("registry.db-wal")) == 0)
    withExtendedLifetime(registry) {}
  }

  private static func request(_ fixture: StoreFixture) -> PublishRequest {
    PublishRequest(adapter: "robot_001", paths: [fixture.scratch("source-new")])
  }

  @Test func `without a block left, publish refuses and rollback works`() async throws {
    await #expect(processExitsWith: .success) {
      try Mount.ext4 { mount in
        let fixture = try Self.store(on: mount)
        let filler = try Filler("\(mount)/filler")
        try filler.takeAllBlocks()
        let registry = try fixture.open()
        let changed = try change(of: fixture.root) { () throws in
          let error = try failure { try registry.publish(Self.request(fixture)) }
          #expect(error.code == .noSpace && error.hint.contains("gc"), "\(error)")
        }
        #expect(changed == [])
        let back = try registry.rollback(bad: true, reason: "drops parts")
        #expect(back.generation == 1 && fixture.active == "generations/1")
        #expect(try fixture.isBlocked("robot_001_v2"), "the mark finds room, from the reserve if need be")
        #expect(try fixture.boot().generation == 1)
        try filler.letGo()
        try fixture.expectSound()
        #expect(fixture.exists("reserve"), "armed again when there is room")
        #expect(try fixture.kinds(1).first == .rollback || fixture.kinds(1).first == .recovered)
        #expect(try fixture.open().publish(Self.request(fixture)).version.number == 4)
      }
    }
  }

  @Test func `without an inode left, publish refuses and rollback works`() async throws {
    await #expect(processExitsWith: .success) {
      try Mount.ext4(inodes: 400) { mount in
        let fixture = try Self.store(on: mount)
        let filler = try Filler("\(mount)/filler")
        try filler.takeAllInodes()
        let registry = try fixture.open()
        #expect(code { try registry.publish(Self.request(fixture)) } == .noSpace)
        let back = try registry.rollback(bad: true)
        #expect(back.generation == 1 && fixture.active == "generations/1")
        try filler.letGo()
        try fixture.expectSound()
        #expect(fixture.exists("reserve"))
      }
    }
  }

  @Test(arguments: [true, false])
  func `a boot spends its attempt from the reserve, or goes back`(hasReserve: Bool) async throws {
    await #expect(processExitsWith: .success) { [hasReserve] in
      try Mount.ext4 { mount in
        let fixture = try Self.store(on: mount)
        try Self.emptyLog(fixture)
        if !hasReserve { try #require(unlink(fixture.path("reserve")) == 0) }
        let filler = try Filler("\(mount)/filler")
        try filler.takeAllBlocks()
        let boot = try fixture.boot()
        #expect(boot.generation == (hasReserve ? 2 : 1), "\(boot)")
        #expect(boot.reverted == (hasReserve ? nil : .unrecorded), "\(boot)")
        #expect(fixture.active == (hasReserve ? "generations/2" : "generations/1"))
        #expect(!fixture.exists("reserve"), "given back")
        try filler.letGo()
        try fixture.expectSound()
        #expect(fixture.exists("reserve"))
      }
    }
  }

  @Test func `gc makes room on a full disk`() async throws {
    await #expect(processExitsWith: .success) {
      try Mount.ext4 { mount in
        let fixture = try Self.store(on: mount)
        let big = try fixture.scratch.write("big", (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 / 3) })
        let registry = try fixture.open()
        try registry.publish(PublishRequest(adapter: "robot_002", paths: [big]))
        _ = try registry.uninstall("robot_002_v1")
        let filler = try Filler("\(mount)/filler")
        try filler.takeAllBlocks()
        let result = try registry.collect()
        #expect(result.freedBytes == 4 << 20)
        #expect(try registry.publish(Self.request(fixture)).version.number == 4, "there is room now")
        try filler.letGo()
        try fixture.expectSound()
      }
    }
  }

  @Test func `an activation without room leaves what is active`() async throws {
    await #expect(processExitsWith: .success) {
      try Mount.ext4 { mount in
        let fixture = try Self.store(on: mount)
        let registry = try fixture.open()
        try registry.rollback()
        try Self.emptyLog(fixture)
        let filler = try Filler("\(mount)/filler")
        try filler.takeAllBlocks()
        let error = try failure { try registry.activate("robot_001_v3") }
        #expect(error.code == .noSpace && fixture.active == "generations/1", "\(error)")
        #expect(try ActiveState.read(fixture.root).generation == 1)
        try filler.letGo()
        try fixture.expectSound()
        #expect(try registry.activate("robot_001_v3").state == .trial)
      }
    }
  }
}
