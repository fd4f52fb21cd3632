import ModelRegistry
import TestSupport
import Testing

@Suite struct HealthTests {
  @Test func `a fault on trial reverts and blocks what the trial brought`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try fixture.publish("other", as: "robot_002", in: registry)
    try registry.activate("robot_002_v1", ActivationOptions(confirmed: true))
    try registry.activate("robot_001_v2")
    let result = try registry.health(.fault("gripper oscillates"), generation: 3)
    #expect(result.generation == 2 && result.state == .confirmed && result.switched && result.previous == 3)
    #expect(try fixture.isBlocked("robot_001_v2") && !fixture.isBlocked("robot_002_v1"))
    let entry = try #require(try registry.history(limit: 1).items.first)
    #expect(entry.kind == .revert && entry.reason == "fault: gripper oscillates" && entry.by == "tester")
    try fixture.expectSound()
  }

  @Test func `a fault of a confirmed generation is recorded and switches nothing`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
    let result = try registry.health(.fault("cold motor"))
    #expect(!result.switched && result.generation == 2 && result.warnings.count == 1)
    #expect(try registry.audit().items.last?.record.kind == .fault)
    #expect(try registry.audit().items.last?.record.reason == "cold motor")
    #expect(try !fixture.isBlocked("robot_001_v2"))
    let back = try registry.health(.fault("cold motor"), rollback: true)
    #expect(back.switched && back.generation == 1)
    #expect(try fixture.isBlocked("robot_001_v2"))
    try fixture.expectSound()
  }

  @Test(arguments: [
    ([80.0, 95, 130, 120, 110], true), ([80, 95, 130, 120, 99], false), ([101, 101, 100, 101, 101], false),
    ([], false), ([101, 101, 101], true), ([.nan, .nan, .nan], true),
  ])
  func `three late ticks in a row are a fault`(ticks: [Double], isFault: Bool) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2")
    let result = try registry.health(.ticks(ticks))
    #expect(result.switched == isFault && result.generation == (isFault ? 1 : 2))
    #expect(try fixture.isBlocked("robot_001_v2") == isFault)
  }

  @Test func `the limit of ticks is the configuration's`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open(Configuration(tickLimitMilliseconds: 20))
    try registry.activate("robot_001_v2")
    #expect(try registry.health(.ticks([21, 22, 23])).switched)
  }

  @Test func `a good report changes nothing`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2")
    let changed = try change(of: fixture.root) { () throws in
      let result = try registry.health(.ok, generation: 2)
      #expect(result.state == .trial && result.attemptsLeft == 3 && !result.switched)
    }
    #expect(changed == [])
  }
}
