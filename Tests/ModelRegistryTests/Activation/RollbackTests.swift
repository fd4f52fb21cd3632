import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct RollbackTests {
  /// Versions 1 to 3 confirmed one after the other in generations of their numbers.
  private func confirmed(_ count: Int = 3) throws -> (StoreFixture, Registry) {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    for number in 2...count {
      try registry.activate("robot_001_v\(number)", ActivationOptions(confirmed: true))
    }
    return (fixture, registry)
  }

  private func numbers(_ result: SwitchResult) -> [Int] { result.set.sorted.map(\.version.number) }

  @Test func `a rollback goes back, and a second one further back`() throws {
    let (fixture, registry) = try confirmed()
    let first = try registry.rollback(reason: "drops parts")
    #expect(first.generation == 2 && first.previous == 3 && first.state == .confirmed && first.warnings == [])
    #expect(try registry.history(limit: 1).items.first?.reason == "drops parts")
    #expect(try !fixture.isBlocked("robot_001_v3"), "by hand it blocks only what is called bad")
    let second = try registry.rollback()
    #expect(second.generation == 1 && second.fallback == nil)
    #expect(code { try registry.rollback() } == .refused, "there is nothing before the first")
    #expect(fixture.active == "generations/1")
    #expect(try fixture.kinds(3) == [.rollback, .rollback, .activate])
    try fixture.expectSound()
  }

  @Test func `no new generation is made, and switches go on being numbered`() throws {
    let (fixture, registry) = try confirmed()
    let before = try #require(
      try registry.activate("robot_001_v2", ActivationOptions(confirmed: true)).switchNumber)
    #expect(try registry.rollback().switchNumber == before + 1)
    #expect(try fixture.names(in: "generations") == ["1", "2", "3", "4"])
  }

  @Test func `bad blocks what is left behind`() throws {
    let (fixture, registry) = try confirmed()
    try registry.rollback(bad: true, reason: "drops parts")
    #expect(try fixture.isBlocked("robot_001_v3"))
    #expect(try failure { try registry.activate("robot_001_v3") }.message.contains("drops parts"))
    #expect(try registry.audit().items.contains { $0.record.kind == .block })
    try fixture.expectSound()
  }

  @Test func `a generation left by a rollback is passed over`() throws {
    let (fixture, registry) = try confirmed()
    try registry.rollback()
    // From 4, whose fallback is 2: 3 was left and never comes back by itself.
    try fixture.publish("four", in: registry)
    try registry.activate("robot_001_v4", ActivationOptions(confirmed: true))
    #expect(try registry.rollback().generation == 2)
    #expect(try registry.rollback().generation == 1)
    try fixture.expectSound()
  }

  @Test func `what can't be read of a generation is told`() throws {
    let (fixture, registry) = try confirmed()
    let link = fixture.path("generations/2/robot_001")
    try #require(unlink(link) == 0)
    try fixture.scratch.write("root/generations/2/robot_001", "no link")
    #expect(try failure { try registry.rollback(to: 2) }.message.contains("couldn't be read: readlink"))
    let result = try registry.rollback()
    #expect(result.generation == 1)
    #expect(result.warnings.contains { $0.contains("generation 2 couldn't be read: readlink") })
  }

  enum Spoilt: String, CaseIterable { case blocked, damaged, uninstalled, treeGone }

  @Test(arguments: Spoilt.allCases)
  func `the chain passes over what can't be loaded`(spoilt: Spoilt) throws {
    let (fixture, registry) = try confirmed()
    switch spoilt {
    case .blocked:
      try registry.activate("robot_001_v2")
      #expect(try registry.rollback(bad: true).generation == 3)
    case .damaged:
      try breaking(fixture.path(fixture.blob(of: "robot_001_v2")), .flippedByte)
      #expect(try !registry.verify("robot_001_v2").damaged.isEmpty)
    case .uninstalled:
      try run(
        "/usr/bin/sqlite3", fixture.path("registry.db"), "UPDATE versions SET installed = 0 WHERE number = 2")
      try run("/bin/mv", fixture.path("versions/robot_001_v2"), fixture.scratch("elsewhere"))
    case .treeGone: try run("/bin/mv", fixture.path("versions/robot_001_v2"), fixture.scratch("elsewhere"))
    }
    #expect(try registry.rollbackTarget() == 1)
    #expect(numbers(try registry.rollback()) == [1])
    #expect(fixture.active == "generations/1")
  }

  @Test func `a trial falls back past another trial`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2")
    let third = try registry.activate("robot_001_v3")
    #expect(third.fallback == 1, "2 was never confirmed")
    #expect(try registry.rollback().generation == 1)
    try fixture.expectSound()
  }

  @Test func `a rollback to a number goes there and can be gone back from`() throws {
    let (fixture, registry) = try confirmed()
    let result = try registry.rollback(to: 1)
    #expect(result.generation == 1 && result.state == .confirmed)
    // Forward again, to one that was left behind: that is said by name.
    let forward = try registry.rollback(to: 3)
    #expect(forward.generation == 3 && forward.state == .confirmed && forward.fallback == 2)
    #expect(try fixture.link("generations/3/back") == "generations/2")
    #expect(try registry.rollback().generation == 2)
    try fixture.expectSound()
  }

  @Test func `a rollback to a number is refused where it can't be loaded`() throws {
    let (fixture, registry) = try confirmed()
    try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
    #expect(try failure { try registry.rollback(to: 99) }.message.contains("not here"))
    #expect(try failure { try registry.rollback(to: 4) }.message.contains("active already"))
    try registry.rollback(bad: true)
    #expect(code { try registry.rollback(to: 4) } == .refused, "blocked")
    try run("/bin/mv", fixture.path("versions/robot_001_v1"), fixture.scratch("elsewhere"))
    #expect(try failure { try registry.rollback(to: 1) }.message.contains("not complete"))
    #expect(try failure { try registry.rollbackTarget(to: 1) }.code == .refused)
    #expect(fixture.active == "generations/3")
  }

  @Test func `a trial that is gone back to by number is a trial with all its attempts`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2", ActivationOptions(deadlineMilliseconds: 60_000))
    for _ in 0..<4 {
      fixture.time.reboot()
      _ = try fixture.boot()
    }
    #expect(fixture.active == "generations/1", "three power cuts")
    fixture.time.advance(seconds: 3600)
    let again = try fixture.open().rollback(to: 2)
    #expect(again.state == .trial && again.attemptsLeft == 3)
    #expect(try fixture.boot().generation == 2, "a new trial, with its own deadline")
    #expect(try !fixture.isBlocked("robot_001_v2"))
    try fixture.expectSound()
  }

  @Test func `a set that was confirmed elsewhere is confirmed where a rollback finds it`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2")
    try registry.rollback()
    try registry.activate("robot_001_v2")
    try registry.confirm()
    let result = try registry.rollback(to: 2)
    #expect(result.state == .confirmed && result.attemptsLeft == nil)
    #expect(try ActiveState.read(fixture.root).state == .confirmed)
    #expect(try registry.activate("robot_001_v3").fallback == 2)
    try fixture.expectSound()
  }

  @Test func `rollbackTarget says where and changes nothing`() throws {
    let (fixture, registry) = try confirmed()
    let changed = try change(of: fixture.root) { () throws in
      #expect(try registry.rollbackTarget() == 2)
      #expect(try registry.rollbackTarget(to: 1) == 1)
      #expect(code { try registry.rollbackTarget(to: 3) } == .refused)
    }
    #expect(changed == [])
  }

  @Test func `the first activation has nothing to go back to`() throws {
    let fixture = try StoreFixture.copied()
    let error = try failure { try fixture.open().rollback() }
    #expect(error.code == .refused && error.unchanged.contains("stays active"))
    #expect(fixture.active == "generations/1")
  }
}
