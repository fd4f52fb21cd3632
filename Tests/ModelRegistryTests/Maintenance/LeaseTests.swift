import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct LeaseTests {
  @Test func `a lease resolves what is active once`() throws {
    let fixture = try StoreFixture.copied()
    let lease = try Lease.take(fixture.root)
    try fixture.open().activate("robot_001_v2")
    #expect(lease.path == fixture.path("generations/1") && lease.state.generation == 1)
    #expect(try contents(lease.path(of: "robot_001") + "/lora_adapters.npz") == "weights of one")
    #expect(code { try lease.path(of: "robot_009") } == .notFound)
    #expect(code { try lease.path(of: "../etc") } == .usage)
    #expect(try fixture.open().leaseActive().path == fixture.path("generations/2"))
  }

  @Test func `nothing active, nothing to lease`() throws {
    let fixture = try StoreFixture()
    #expect(code { try Lease.take(fixture.root) } == .notFound)
  }

  /// Generation 2 of v2, which nothing protects but the lease of whoever runs it.
  private func store() throws -> (StoreFixture, Registry) {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2")
    return (fixture, registry)
  }

  @Test func `gc leaves a leased generation and its trees, until it is released`() throws {
    let (fixture, registry) = try store()
    let lease = try Lease.take(fixture.root)
    try registry.rollback()
    try registry.activate("robot_001_v3", ActivationOptions(confirmed: true))
    let kept = try registry.collect(CollectionPolicy(keep: 0)).kept
    #expect(kept.keys.map(\.number).sorted() == [1, 2, 3])
    #expect(try contents(lease.path(of: "robot_001") + "/lora_adapters.npz") == "weights of two")
    lease.release()
    #expect(try registry.collect(CollectionPolicy(keep: 0)).removedGenerations == [2])
    #expect(!fixture.exists("versions/robot_001_v2"))
    try fixture.expectSound()
  }

  @Test func `a lease ends with its object`() throws {
    let (fixture, registry) = try store()
    do { _ = try Lease.take(fixture.root) }
    try registry.rollback()
    try registry.activate("robot_001_v3", ActivationOptions(confirmed: true))
    #expect(try registry.uninstall("robot_001_v2").version.number == 2)
  }

  @Test func `another process's lease counts, and ends when it is killed`() async throws {
    let (fixture, registry) = try store()
    try registry.rollback()
    try registry.activate("robot_001_v3", ActivationOptions(confirmed: true))
    // A runtime in another language: flock(1) on the generation's folder.
    let runtime = try Talk(
      "/usr/bin/flock", ["-s", fixture.path("generations/2"), "/bin/sh", "-c", "echo leased; read x"])
    #expect(try runtime.hear() == "leased")
    #expect(try failure { try registry.uninstall("robot_001_v2") }.message.contains("leased"))
    try runtime.say("done")
    runtime.finish()
    #expect(try registry.uninstall("robot_001_v2").version.number == 2)
  }
}
