import ModelRegistry
import TestSupport
import Testing

/// Two who decide at once on what they saw: one wins, the other is told what changed.
@Suite struct ExpectedGenerationTests {
  @Test func `a switch from what was seen goes well`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    for content in ["one", "two"] { try fixture.publish(content, in: registry) }
    let none = ActivationOptions(expecting: ActivationOptions.nothingActive)
    #expect(try registry.activate("robot_001_v1", none).generation == 1)
    #expect(try registry.activate("robot_001_v2", ActivationOptions(expecting: 1)).generation == 2)
    #expect(try registry.rollback(expecting: 2).generation == 1)
    #expect(try registry.deactivate("robot_001", ActivationOptions(expecting: 1)).generation == 3)
    try fixture.expectSound()
  }

  @Test func `a switch from what is past is refused, and says who did what and why`() throws {
    let fixture = try StoreFixture.ready()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2", ActivationOptions(reason: "night run"))
    let old = ActivationOptions(expecting: 1)
    let attempts: [() throws -> Void] = [
      { try registry.activate("robot_001_v3", old) }, { try registry.activate("robot_001_v2", old) },
      { try registry.deactivate("robot_001", old) }, { try registry.rollback(expecting: 1) },
      { try registry.rollback(to: 1, expecting: 3) },
      { try registry.rollback(expecting: ActivationOptions.nothingActive) },
    ]
    for attempt in attempts {
      let error = try failure(attempt)
      #expect(error.code == .refused && error.unchanged == "nothing was switched")
      #expect(error.message.hasPrefix("generation 2 is active since 20"), "\(error)")
      #expect(error.message.hasSuffix(": activate by tester, night run"), "\(error)")
    }
    #expect(fixture.active == "generations/2")
    try fixture.expectSound()
  }

  @Test func `where nothing is active, that is told`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    try fixture.publish("one", in: registry)
    let error = try failure { try registry.activate("robot_001_v1", ActivationOptions(expecting: 4)) }
    #expect(error.code == .refused && error.message == "nothing is active, and generation 4 was expected")
  }

  @Test func `without an index it is told from the generation itself`() throws {
    let fixture = try StoreFixture.ready()
    try fixture.open().activate("robot_001_v2", ActivationOptions(reason: "night run"))
    try LostIndexTests.Loss.garbage.apply(fixture)
    let registry = try fixture.open(acceptsLostIndex: true)
    let error = try failure { try registry.rollback(expecting: 1) }
    #expect(error.code == .refused && error.message.contains("generation 2 is active"))
    #expect(error.message.hasSuffix("by tester, night run"), "\(error)")
    #expect(try registry.rollback(expecting: 2).generation == 1)
  }

  enum Decision: String, CaseIterable, CustomTestStringConvertible {
    case activate, deactivate, rollback, rollbackTo
    var testDescription: String { rawValue }

    func make(_ registry: Registry, _ version: Reference) throws -> Int {
      switch self {
      case .activate: try registry.activate([version], ActivationOptions(expecting: 2)).generation
      case .deactivate: try registry.deactivate("robot_001", ActivationOptions(expecting: 2)).generation
      case .rollback: try registry.rollback(expecting: 2).generation
      case .rollbackTo: try registry.rollback(to: 1, expecting: 2).generation
      }
    }
  }

  @Test(arguments: Decision.allCases, Decision.allCases)
  func `of two at once exactly one wins`(first: Decision, second: Decision) throws {
    let fixture = try StoreFixture.ready()
    try fixture.publish("four")
    try fixture.open().activate("robot_001_v2", ActivationOptions(confirmed: true))
    let (a, b) = race(
      { try first.make(fixture.open(), "robot_001_v3") },
      { try second.make(fixture.open(), "robot_001_v4") })
    let winners = [a, b].compactMap { try? $0.get() }
    try #require(winners.count == 1, "\(a) \(b)")
    for result in [a, b] {
      guard case .failure(let error) = result else { continue }
      let refusal = try #require(error as? RegistryError)
      #expect(refusal.code == .refused || refusal.code == .busy, "\(refusal)")
    }
    #expect(fixture.active == "generations/\(winners[0])")
    try fixture.expectSound()
  }
}
