import ModelRegistry
import TestSupport
import Testing

@Suite struct ConfirmTests {
  @Test func `confirming ends the trial`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2")
    let result = try registry.confirm(generation: 2)
    #expect(result.state == .confirmed && result.generation == 2 && result.attemptsLeft == nil)
    #expect(!fixture.exists("generations/2/trial"))
    for _ in 0..<5 { #expect(try fixture.boot().generation == 2) }
    #expect(try registry.confirm().generation == 2, "twice is fine")
    try fixture.expectSound()
  }

  @Test func `a set that had been confirmed needs no second trial`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2")
    try registry.confirm()
    let back = try registry.activate("robot_001_v1")
    #expect(back.state == .confirmed && back.generation == 3)
    #expect(try registry.activate("robot_001_v2").state == .confirmed)
    try fixture.expectSound()
  }

  @Test func `confirming by name of what is active on trial confirms it`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2")
    let again = try registry.activate("robot_001_v2")
    #expect(!again.switched && again.state == .trial && again.generation == 2)
    let confirmed = try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
    #expect(!confirmed.switched && confirmed.state == .confirmed && confirmed.generation == 2)
    #expect(try !registry.activate("robot_001_v2").switched)
    #expect(try fixture.names(in: "generations") == ["1", "2"])
    try fixture.expectSound()
  }

  @Test func `confirmed from the start has no trial`() throws {
    let fixture = try StoreFixture.copied()
    let result = try fixture.open().activate("robot_001_v2", ActivationOptions(confirmed: true))
    #expect(result.state == .confirmed && !fixture.exists("generations/2/trial"))
  }

  @Test func `what is active already changes nothing, not even a file`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let changed = try change(of: fixture.root) { () throws in
      let result = try registry.activate("robot_001_v1")
      #expect(!result.switched && result.switchNumber == nil && result.generation == 1)
      #expect(try registry.confirm().generation == 1)
    }
    #expect(changed == [])
    #expect(try fixture.kinds(5) == [.activate])
  }

  @Test func `late words about another generation are refused`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2")
    try registry.rollback()
    try registry.activate("robot_001_v3")
    let calls: [() throws -> Any] = [
      { try registry.confirm(generation: 2) }, { try registry.health(.ok, generation: 2) },
      { try registry.health(.fault("late"), generation: 2) }, { try registry.boot(generation: 2) },
      { try fixture.boot(generation: 2) }, { try registry.health(.ticks([1]), generation: 1) },
    ]
    for call in calls {
      let error = try failure(call)
      #expect(error.code == .refused && error.message.contains("3 is"))
    }
    #expect(fixture.active == "generations/3")
    #expect(try registry.confirm(generation: 3).state == .confirmed)
    #expect(code { try fixture.boot(generation: 2) } == .refused, "also where boot only reads")
  }

  @Test func `nothing active has nothing to confirm`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    #expect(code { try registry.confirm() } == .notFound)
    #expect(code { try registry.health(.ok) } == .notFound)
    #expect(code { try registry.rollback() } == .notFound)
    #expect(code { try registry.deactivate("robot_001") } == .notFound)
  }

  enum WayToLift: CaseIterable { case confirmLater, confirmedAtOnce, confirmedWhenActive }

  @Test(arguments: WayToLift.allCases)
  func `a blocked set needs force, and confirmed it is blocked no more`(way: WayToLift) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2")
    try registry.health(.fault("arm drops"))
    let refused = try failure { try registry.activate("robot_001_v2") }
    #expect(refused.code == .refused && refused.message.contains("arm drops"))
    #expect(code { try registry.activate("robot_001_v2", ActivationOptions(confirmed: true)) } == .refused)
    switch way {
    case .confirmLater:
      #expect(try registry.activate("robot_001_v2", ActivationOptions(force: true)).state == .trial)
      #expect(try fixture.isBlocked("robot_001_v2"), "force alone lifts nothing")
      try registry.confirm()
    case .confirmedAtOnce:
      try registry.activate("robot_001_v2", ActivationOptions(confirmed: true, force: true))
    case .confirmedWhenActive:
      try registry.activate("robot_001_v2", ActivationOptions(force: true))
      try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
    }
    #expect(try !fixture.isBlocked("robot_001_v2"))
    #expect(try registry.audit().items.contains { $0.record.kind == .unblock })
    try registry.activate("robot_001_v3")
    #expect(try registry.rollback().set.sorted.map(\.version.number) == [2], "a rollback may land on it")
    try fixture.expectSound()
  }
}
