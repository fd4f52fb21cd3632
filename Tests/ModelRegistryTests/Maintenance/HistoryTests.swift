import ModelRegistry
import TestSupport
import Testing

@Suite struct HistoryTests {
  /// Three switches, a minute apart; the times after each.
  private func store() throws -> (StoreFixture, Registry, [Timestamp]) {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    for content in ["one", "two"] { try fixture.publish(content, in: registry) }
    try fixture.publish("other", as: "robot_002", in: registry)
    var times: [Timestamp] = []
    for step in [
      { try registry.activate("robot_001_v1") }, { try registry.activate("robot_001_v2") },
      { try registry.rollback(reason: "drops parts") },
    ] as [() throws -> SwitchResult] {
      fixture.time.advance(seconds: 60)
      _ = try step()
      times.append(fixture.time.clock.now())
    }
    fixture.time.advance(seconds: 60)
    return (fixture, registry, times)
  }

  @Test func `newest first, with what was there before and what came`() throws {
    let (fixture, registry, _) = try store()
    defer { withExtendedLifetime(fixture) {} }
    let items = try registry.history().items
    #expect(items.map(\.kind) == [.rollback, .activate, .activate])
    #expect(items.map(\.switchNumber) == [3, 2, 1] && items.map(\.generation) == [1, 2, 1])
    #expect(items.map(\.previous) == [2, 1, nil] && items[0].reason == "drops parts")
    #expect(items.allSatisfy { $0.state == .done && $0.by == "tester" })
    #expect(items[1].set.sorted.map(\.version.number) == [2])
  }

  @Test func `what ran at a time is the last switch by then`() throws {
    let (fixture, registry, times) = try store()
    defer { withExtendedLifetime(fixture) {} }
    #expect(try times.map { try registry.switchInForce(at: $0)?.switchNumber } == [1, 2, 3])
    let before = Timestamp(milliseconds: times[0].milliseconds - 1)
    #expect(try registry.switchInForce(at: before) == nil)
    let between = Timestamp(milliseconds: times[1].milliseconds + 30_000)
    #expect(try registry.switchInForce(at: between)?.set.sorted.map(\.version.number) == [2])
    // A refusal is in the history, and in force at no time.
    #expect(code { try registry.activate("robot_001_v2", ActivationOptions(force: true)) } == nil)
    _ = try registry.uninstall("robot_002_v1")
    #expect(code { try registry.activate("robot_002_v1") } == .refused)
    #expect(try registry.history(limit: 1).items.first?.kind == .refused)
    #expect(try registry.switchInForce(at: Timestamp(milliseconds: Int64.max / 2))?.switchNumber == 4)
  }

  @Test func `one adapter's history leaves out what didn't concern it`() throws {
    let (fixture, registry, _) = try store()
    defer { withExtendedLifetime(fixture) {} }
    try registry.activate("robot_002_v1", ActivationOptions(confirmed: true))
    #expect(try registry.history(of: "robot_002").items.map(\.switchNumber) == [4])
    #expect(try registry.history(of: "robot_001").items.map(\.switchNumber) == [3, 2, 1])
    #expect(try registry.history(of: "robot_009").items.isEmpty)
  }

  @Test func `pages go on where the last one ended`() throws {
    let (fixture, registry, _) = try store()
    defer { withExtendedLifetime(fixture) {} }
    let first = try registry.history(limit: 2)
    #expect(first.items.count == 2 && first.next == first.items.last?.id)
    let second = try registry.history(after: first.next, limit: 2)
    #expect(second.items.map(\.switchNumber) == [1] && second.next == nil)
  }

  @Test func `versions are listed by pages, with what is true of each`() throws {
    let (fixture, registry, _) = try store()
    try registry.pin("robot_001_v2")
    let first = try registry.versions(limit: 2)
    #expect(first.items.map(\.version.description) == ["robot_001_v1", "robot_001_v2"])
    #expect(
      try registry.versions(after: first.next, limit: 2).items.map(\.version.description) == ["robot_002_v1"])
    #expect(try registry.versions(of: "robot_002").items.count == 1)
    let (one, two) = (first.items[0], first.items[1])
    #expect(
      one.isActive && !two.isActive && two.isPinned && !one.isPinned && one.isInstalled && one.bytes == 24)
    #expect(try registry.pins() == [two.version])
    #expect(try one.digest == fixture.digest("robot_001_v1"))
  }
}
