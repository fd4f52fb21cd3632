import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct StatusTests {
  @Test func `a healthy store has no problem`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let status = try registry.status()
    #expect(status.problems == [] && status.root == fixture.root && status.reserveArmed)
    #expect(status.active?.generation == 1 && status.attemptsLeft == nil && status.fallback == nil)
    #expect(status.versions == 3 && status.installed == 3 && status.blobs == 7 && status.freeBytes > 0)
    #expect((status.blobBytes ?? 0) > 0 && status.pins == [] && status.blockedDigests == 0)
    let findings = try registry.doctor()
    #expect(findings.filter(\.isProblem) == [], "\(findings)")
    let subjects = [
      "file system", "owner", "clock", "index", "active", "reserve", "marks", "audit", "versions",
      "scrub",
    ]
    #expect(findings.map(\.subject) == subjects && findings.allSatisfy { !$0.text.isEmpty })
  }

  @Test func `an empty store is healthy, too`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    #expect(try registry.status().active == nil && registry.status().problems == [])
    #expect(try registry.doctor().filter(\.isProblem) == [])
  }

  @Test func `a trial, a pin and a block are told`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v3")
    try registry.rollback(bad: true)
    try registry.activate("robot_001_v2")
    try registry.pin("robot_001_v3")
    _ = try fixture.boot()
    let status = try registry.status()
    #expect(status.active?.state == .trial && status.attemptsLeft == 2 && status.fallback == 1)
    #expect(status.pins.map(\.number) == [3] && status.blockedDigests == 1 && status.problems == [])
  }

  @Test func `damage of what runs names the way out`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
    try breaking(fixture.path(fixture.blob(of: "robot_001_v2")), .flippedByte)
    _ = try registry.verify()
    let problems = try registry.status().problems
    #expect(problems.contains { $0.contains("robot_001_v2") && $0.contains("publish") }, "\(problems)")
    #expect(problems.contains { $0.contains("active generation") && $0.contains("goes to generation 1") })
    let active = try #require(try registry.doctor().first { $0.subject == "active" })
    #expect(active.isProblem && active.text.contains("rollback"))
  }

  @Test func `a missing reserve is a problem until the next opening`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try #require(unlink(fixture.path("reserve")) == 0)
    #expect(try !registry.status().reserveArmed)
    #expect(try registry.doctor().contains { $0.subject == "reserve" && $0.isProblem })
    #expect(try fixture.open().status().reserveArmed)
  }

  @Test(arguments: ["gate", "probe"])
  func `a hook that isn't there is a problem`(subject: String) throws {
    let fixture = try StoreFixture.copied()
    func finding(_ program: String) throws -> Finding? {
      let command = HookCommand(arguments: [program], timeoutMilliseconds: 1000)
      let configuration = subject == "gate" ? Configuration(gate: command) : Configuration(probe: command)
      return try fixture.open(configuration).doctor().first { $0.subject == subject }
    }
    #expect(try finding("/nowhere/hook")?.isProblem == true)
    #expect(try finding("/bin/true")?.isProblem == false)
    #expect(try fixture.open().doctor().allSatisfy { $0.subject != subject })
  }

  @Test func `a machine without a boot id is a problem`() throws {
    let fixture = try StoreFixture.copied()
    var options = fixture.options()
    let clock = fixture.time.clock
    options.clock = MachineClock(now: clock.now) { Trial.Moment(bootID: "unknown", uptimeMilliseconds: 1) }
    let finding = try Registry.open(fixture.root, options).doctor().first { $0.subject == "clock" }
    #expect(finding?.isProblem == true)
  }

  @Test func `this machine's own clocks tell a time, a boot and how long it runs`() {
    let clock = MachineClock.system
    let (first, second) = (clock.moment(), clock.moment())
    #expect(first.bootID == second.bootID && first.bootID.count == 36)
    #expect(0 < first.uptimeMilliseconds && first.uptimeMilliseconds <= second.uptimeMilliseconds)
    #expect(clock.now().milliseconds > 1_700_000_000_000)
  }

  @Test func `a pin outlives the index and is taken away again`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    #expect(try registry.pin("robot_001_v2").number == 2)
    let changed = try change(of: fixture.root) { () throws in try registry.pin("robot_001:2") }
    #expect(changed == [], "twice is fine")
    #expect(try fixture.names(in: "marks/pins") == ["robot_001_v2"])
    #expect(try fixture.link("marks/pins/robot_001_v2").hasSuffix(" tester"))
    try registry.unpin("robot_001_v2")
    try registry.unpin("robot_001_v2")
    #expect(
      try registry.pins() == [] && registry.audit().items.suffix(2).map(\.record.kind) == [.pin, .unpin])
    #expect(code { try registry.pin("robot_001_v9") } == .notFound)
  }
}
