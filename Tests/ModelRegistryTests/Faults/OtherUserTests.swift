import DurableFiles
import Glibc
import TestSupport
import Testing

@testable import ModelRegistry

/// One uid owns a store, all others read.
@Suite(.enabled(if: geteuid() == 0, "SKIPPED, NOT TESTED: needs root to become another uid"))
struct OtherUserTests {
  /// Becomes another uid, who can't remove the store: the test gives it a folder of its own, and removes that.
  private static func asNobody(in folder: String, onTrial: Bool = false) throws -> StoreFixture {
    setenv("MODELCTL_TEST_SCRATCH", folder, 1)
    let fixture = try StoreFixture.ready()
    _ = try fixture.source("new")
    if onTrial { try fixture.open().activate("robot_001_v2") }
    try run("/bin/chmod", "755", folder, fixture.scratch.path)
    try #require(setgroups(0, nil) == 0 && setgid(65534) == 0 && setuid(65534) == 0)
    return fixture
  }

  @Test func `another uid reads everything`() async throws {
    let scratch = try Scratch()
    await #expect(processExitsWith: .success) { [folder = scratch.path as String] in
      let fixture = try Self.asNobody(in: folder)
      #expect(try ActiveState.read(fixture.root).generation == 1)
      #expect(try fixture.boot().generation == 1)
      let registry = try Registry.openForReading(fixture.root, fixture.options())
      #expect(try registry.versions().items.count == 3)
      #expect(try registry.show("robot_001_v2").1.files.count == 2)
      #expect(try registry.history().items.count == 1)
      #expect(try registry.verify(full: true).damaged == [])
      #expect(try registry.verifyAudit().problems == [])
      #expect(try registry.status().problems == [])
      #expect(try registry.doctor().filter(\.isProblem) == [])
    }
  }

  @Test func `another uid is refused every write, and told who owns the store`() async throws {
    let scratch = try Scratch()
    await #expect(processExitsWith: .success) { [folder = scratch.path as String] in
      let fixture = try Self.asNobody(in: folder, onTrial: true)
      let error = try failure { try fixture.open() }
      #expect(error.code == .permission && error.message.contains("root"), "\(error)")
      #expect(code { try fixture.open(acceptsLostIndex: true) } == .permission)
      #expect(code { try Registry.create(fixture.root) } == .permission)
      let source = fixture.scratch("source-new")
      let reader = try Registry.openForReading(fixture.root, fixture.options())
      let calls: [() throws -> Any] = [
        { try reader.publish(PublishRequest(adapter: "robot_001", paths: [source])) },
        { try reader.activate("robot_001_v3") }, { try reader.confirm() }, { try reader.rollback() },
        { try reader.collect() }, { try reader.uninstall("robot_001_v3") },
        { try reader.pin("robot_001_v3") },
        { try reader.health(.fault("x")) },
      ]
      for (number, call) in calls.enumerated() { #expect(code(call) == .permission, "call \(number)") }
      #expect(fixture.active == "generations/2")
    }
  }

  @Test func `a trial that another uid can't count is not loaded by it`() async throws {
    let scratch = try Scratch()
    await #expect(processExitsWith: .success) { [folder = scratch.path as String] in
      let fixture = try Self.asNobody(in: folder, onTrial: true)
      let boot = try fixture.boot()
      #expect(boot.generation == 1 && boot.path == fixture.path("generations/1") && !boot.warnings.isEmpty)
      #expect(fixture.active == "generations/2")
    }
  }

  @Test func `an index that another uid can't read stops neither active nor boot`() async throws {
    let scratch = try Scratch()
    await #expect(processExitsWith: .success) { [folder = scratch.path as String] in
      setenv("MODELCTL_TEST_SCRATCH", folder, 1)
      let fixture = try StoreFixture.ready()
      try fixture.open().activate("robot_001_v2")
      try run("/bin/chmod", "755", folder, fixture.scratch.path)
      for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
        try #require(chmod(fixture.path(name), 0o600) == 0)
      }
      try #require(setgid(65534) == 0 && setuid(65534) == 0)
      #expect(try ActiveState.read(fixture.root).state == .trial)
      #expect(try fixture.boot().generation == 1)
      #expect(code { try Registry.openForReading(fixture.root) } == .permission)
    }
  }

  @Test func `a folder that may not be listed is no device`() async throws {
    let scratch = try Scratch()
    try run("/bin/chmod", "755", scratch.path)
    try #require(mkdir("\(scratch.path)/closed", 0o700) == 0)
    await #expect(processExitsWith: .success) { [folder = scratch.path as String] in
      try #require(setgid(65534) == 0 && setuid(65534) == 0)
      let error = #expect(throws: FileError.self) { try SourceScan.files(at: ["\(folder)/closed"]) }
      #expect(error?.isPermission == true)
    }
  }

  @Test func `a generation that can't be looked at may be in use`() async throws {
    let scratch = try Scratch()
    await #expect(processExitsWith: .success) { [folder = scratch.path as String] in
      try run("/bin/chmod", "777", folder)
      setenv("MODELCTL_TEST_SCRATCH", folder, 1)
      try #require(setgroups(0, nil) == 0 && setgid(65534) == 0 && setuid(65534) == 0)
      let fixture = try StoreFixture.ready()
      let registry = try fixture.open()
      for version in ["robot_001_v2", "robot_001_v3", "robot_001_v2", "robot_001_v3"] {
        try registry.activate(version, ActivationOptions(confirmed: true))
      }
      try #require(chmod(fixture.path("generations/1"), 0) == 0)
      let kept = try registry.collect(CollectionPolicy(keep: 1)).kept
      #expect(kept[try VersionID(parsing: "robot_001_v1")]?.contains("can't be looked up") == true, "\(kept)")
      try #require(chmod(fixture.path("generations/1"), 0o755) == 0)
      let result = try registry.collect(CollectionPolicy(keep: 1))
      #expect(try result.removedVersions == [VersionID(parsing: "robot_001_v1")])
    }
  }

  @Test func `another uid leases what runs`() async throws {
    let fixture = try StoreFixture.ready()
    try run("/bin/chmod", "755", fixture.scratch.path)
    await #expect(processExitsWith: .success) { [root = fixture.root as String] in
      try #require(setgid(65534) == 0 && setuid(65534) == 0)
      let lease = try Lease.take(root)
      #expect(try contents(lease.path(of: "robot_001") + "/lora_adapters.npz") == "weights of one")
      #expect(code { try lease.path(of: "robot_002") } == .notFound)
    }
  }

  @Test func `a store can't be made where one may not write, and nothing is`() async throws {
    let scratch = try Scratch()
    try run("/bin/chmod", "755", scratch.path)
    await #expect(processExitsWith: .success) { [folder = scratch.path as String] in
      try #require(setgid(65534) == 0 && setuid(65534) == 0)
      let error = try failure { try Registry.create("\(folder)/deep/store") }
      #expect(error.code == .permission && error.unchanged.contains("no store was made"), "\(error)")
      #expect(!Registry.exists(at: "\(folder)/deep/store"))
    }
  }

  @Test func `root becomes the owner before it writes`() async throws {
    await #expect(processExitsWith: .success) {
      let fixture = try StoreFixture.ready()
      try run("/bin/chown", "-R", "65534:65534", fixture.scratch.path)
      #expect(code { try fixture.open() } == .permission, "as root it would leave files of its own")
      try Account.become(ownerOf: fixture.root)
      #expect(getuid() == 65534 && geteuid() == 65534 && getegid() == 65534)
      #expect(setuid(0) != 0, "for good")
      #expect(try fixture.open().activate("robot_001_v2").state == .trial)
      try fixture.expectSound()
    }
  }

  @Test func `doctor finds a file of somebody else`() throws {
    let fixture = try StoreFixture.ready()
    try run("/bin/chown", "65534", fixture.path("generations/1"))
    let finding = try #require(try fixture.open().doctor().first { $0.subject == "owner" })
    #expect(finding.isProblem && finding.text.contains("generations/1") && finding.text.contains("chown"))
  }
}
