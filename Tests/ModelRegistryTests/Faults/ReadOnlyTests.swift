import Glibc
import ModelRegistry
import TestSupport
import Testing

/// A store on a file system that was mounted, or went, read-only.
@Suite(.enabled(if: Mount.isPossible, Mount.reason)) struct ReadOnlyTests {
  private static func readOnly(
    onTrial: Bool, _ body: @escaping (StoreFixture) throws -> Void
  ) throws {
    try Mount.ext4(size: "64M") { mount in
      setenv("MODELCTL_TEST_SCRATCH", mount, 1)
      let fixture = try StoreFixture.ready()
      if onTrial { try fixture.open().activate("robot_001_v2") }
      try run("/bin/mount", "-o", "remount,ro", mount)
      defer { _ = try? run("/bin/mount", "-o", "remount,rw", mount) }
      try body(fixture)
    }
  }

  @Test func `what is active is read and loaded`() async throws {
    await #expect(processExitsWith: .success) {
      try Self.readOnly(onTrial: false) { fixture in
        #expect(try ActiveState.read(fixture.root).generation == 1)
        let boot = try fixture.boot()
        #expect(boot.generation == 1 && boot.state == .confirmed)
        let lease = try Lease.take(fixture.root)
        #expect(lease.path == fixture.path("generations/1"))
        let registry = try Registry.openForReading(fixture.root, fixture.options())
        #expect(try registry.versions().items.count == 3)
        #expect(try registry.history().items.count == 1)
        #expect(try registry.verify().damaged == [])
        #expect(try registry.verifyAudit().problems == [])
        #expect(try registry.status().active?.generation == 1)
        lease.release()
      }
    }
  }

  @Test func `a trial that can't be counted is not loaded: the fallback is, with a warning`() async throws {
    await #expect(processExitsWith: .success) {
      try Self.readOnly(onTrial: true) { fixture in
        #expect(try ActiveState.read(fixture.root).state == .trial)
        for _ in 0..<5 {
          let boot = try fixture.boot()
          #expect(boot.generation == 1 && boot.path == fixture.path("generations/1"))
          #expect(boot.state == .confirmed && boot.reverted == nil)
          #expect(boot.warnings.contains { $0.contains("on trial") }, "\(boot.warnings)")
        }
        #expect(fixture.active == "generations/2")
        #expect(code { try fixture.boot(generation: 1) } == .refused)
      }
    }
  }

  @Test func `what writes says that it may not`() async throws {
    await #expect(processExitsWith: .success) {
      try Self.readOnly(onTrial: true) { fixture in
        #expect(code { try fixture.open().pin("robot_001_v3") } == .permission)
        let source = fixture.scratch("source-one")
        let reader = try Registry.openForReading(fixture.root, fixture.options())
        let calls: [() throws -> Any] = [
          { try reader.publish(PublishRequest(adapter: "robot_009", paths: [source])) },
          { try reader.activate("robot_001_v3") }, { try reader.confirm() }, { try reader.rollback() },
          { try reader.collect() }, { try reader.uninstall("robot_001_v3") },
          { try reader.pin("robot_001_v3") },
          { try fixture.open(acceptsLostIndex: true).rollback() }, { try reader.health(.fault("x")) },
        ]
        for (number, call) in calls.enumerated() { #expect(code(call) == .permission, "call \(number)") }
        #expect(fixture.active == "generations/2")
      }
    }
  }
}
