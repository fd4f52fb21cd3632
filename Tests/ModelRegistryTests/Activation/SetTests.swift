import ModelRegistry
import TestSupport
import Testing

/// Several adapters in one generation, and none.
@Suite struct SetTests {
  private func two() throws -> (StoreFixture, Registry) {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try fixture.publish("other", as: "robot_002", in: registry)
    return (fixture, registry)
  }

  private func names(_ result: SwitchResult) -> [String] { result.set.sorted.map(\.version.description) }

  @Test func `adapters switch together, and the others stay as they were`() throws {
    let (fixture, registry) = try two()
    let both = try registry.activate(["robot_001_v2", "robot_002_v1"])
    #expect(names(both) == ["robot_001_v2", "robot_002_v1"])
    #expect(try fixture.text("active/robot_002/lora_adapters.npz") == "weights of other")
    try registry.confirm()
    #expect(names(try registry.activate("robot_001_v3")) == ["robot_001_v3", "robot_002_v1"])
    #expect(names(try registry.rollback()) == ["robot_001_v2", "robot_002_v1"])
    #expect(names(try registry.rollback()) == ["robot_001_v1"])
    try fixture.expectSound()
  }

  @Test func `an adapter that is named twice is refused`() throws {
    let (fixture, registry) = try two()
    defer { withExtendedLifetime(fixture) {} }
    #expect(code { try registry.activate(["robot_001_v2", "robot_001_v3"]) } == .usage)
    #expect(code { try registry.activate(["robot_001_v2", "robot_001_v2"]) } == .usage)
  }

  @Test func `deactivating goes down to the empty set and back`() throws {
    let (fixture, registry) = try two()
    try registry.activate("robot_002_v1", ActivationOptions(confirmed: true))
    let one = try registry.deactivate("robot_002")
    #expect(names(one) == ["robot_001_v1"] && one.state == .confirmed, "that set was confirmed before")
    let none = try registry.deactivate("robot_001", ActivationOptions(reason: "service"))
    #expect(names(none) == [] && none.state == .trial && none.fallback == one.generation)
    #expect(code { try registry.deactivate("robot_001") } == .notFound)
    #expect(try ActiveState.read(fixture.root).set.isEmpty)
    #expect(try fixture.kinds(1) == [.deactivate])
    #expect(try fixture.boot().generation == none.generation)
    #expect(names(try registry.rollback()) == ["robot_001_v1"])
    try fixture.expectSound()
  }

  @Test func `an empty set is confirmed like any other`() throws {
    let (fixture, registry) = try two()
    try registry.deactivate("robot_001")
    try registry.confirm()
    #expect(names(try registry.activate("robot_001_v1")) == ["robot_001_v1"])
    #expect(try registry.rollback().set.isEmpty)
    try fixture.expectSound()
  }

  @Test func `a fault condemns only what its generation brought`() throws {
    let (fixture, registry) = try two()
    try registry.activate(["robot_001_v2", "robot_002_v1"])
    try registry.health(.fault("one of the two"))
    #expect(try fixture.isBlocked("robot_001_v2") && fixture.isBlocked("robot_002_v1"))
    #expect(try !fixture.isBlocked("robot_001_v1"))
    // Taking a blocked one along needs force, also where another adapter is meant.
    #expect(code { try registry.activate(["robot_002_v1"]) } == .refused)
    try registry.activate(["robot_002_v1"], ActivationOptions(force: true))
    #expect(names(try registry.health(.fault("again"))) == ["robot_001_v1"])
  }

  @Test func `generation.json tells the set, the way back and the audit's head`() throws {
    let (fixture, registry) = try two()
    let result = try registry.activate(["robot_001_v2"], ActivationOptions(reason: "night run", attempts: 2))
    let head = try #require(try registry.verifyAudit().head)
    let record = try GenerationRecord(
      parsing: fixture.bytes("generations/\(result.generation)/generation.json"))
    #expect(
      record.number == 2 && record.fallback == 1 && record.reason == "night run" && record.by == "tester")
    #expect(record.set == result.set && record.trial?.attempts == 2)
    #expect(record.audit?.seq == head.seq - 1, "the activation itself is recorded after the folder is built")
    #expect(try fixture.link("generations/2/robot_001") == "../../versions/robot_001_v2")
  }
}
