import Foundation
import ModelRegistry
import TestSupport
import Testing

/// store.md, "Trial": attempts, power, crashes, deadlines.
@Suite struct TrialTests {
  @Test func `the first activation is confirmed at once`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    try fixture.publish("one", in: registry)
    let result = try registry.activate("robot_001_v1")
    #expect(result.state == .confirmed && result.fallback == nil && result.previous == nil && result.switched)
    #expect(result.attemptsLeft == nil && result.generation == 1)
    #expect(!fixture.exists("generations/1/trial") && fixture.active == "generations/1")
    #expect(try ActiveState.read(fixture.root).state == .confirmed)
    try fixture.expectSound()
  }

  @Test func `every other is on trial, and says where it goes back to`() throws {
    let fixture = try StoreFixture.ready()
    let result = try fixture.open().activate("robot_001_v2")
    #expect(
      result.state == .trial && result.attemptsLeft == 3 && result.fallback == 1 && result.previous == 1)
    #expect(try ActiveState.read(fixture.root).state == .trial)
    #expect(try fixture.link("generations/2/back") == "generations/1")
    try fixture.expectSound()
  }

  @Test func `three power cuts revert it and condemn nothing`() throws {
    let fixture = try StoreFixture.ready()
    try fixture.open().activate("robot_001_v2")
    for left in [2, 1, 0] {
      fixture.time.reboot()
      let boot = try fixture.boot()
      #expect(
        boot.generation == 2 && boot.attemptsLeft == left && boot.reverted == nil && boot.state == .trial)
      #expect(boot.path == fixture.path("generations/2"))
    }
    fixture.time.reboot()
    let boot = try fixture.boot()
    #expect(boot.reverted == .power && boot.generation == 1 && boot.state == .confirmed)
    #expect(boot.path == fixture.path("generations/1") && fixture.active == "generations/1")
    #expect(try !fixture.isBlocked("robot_001_v2"))
    #expect(try fixture.kinds(1) == [.revert])
    #expect(try fixture.open().activate("robot_001_v2").attemptsLeft == 3, "it may be tried again")
    try fixture.expectSound()
  }

  @Test func `crashes within one boot revert it and block it`() throws {
    let fixture = try StoreFixture.ready()
    try fixture.open().activate("robot_001_v2")
    for _ in 0..<3 { #expect(try fixture.boot().generation == 2) }
    let boot = try fixture.boot()
    #expect(boot.reverted == .crash && boot.generation == 1)
    #expect(try fixture.isBlocked("robot_001_v2"))
    #expect(code { try fixture.open().activate("robot_001_v2") } == .refused)
    try fixture.expectSound()
  }

  @Test func `two crashes among power cuts count as crashes`() throws {
    let fixture = try StoreFixture.ready()
    try fixture.open().activate("robot_001_v2")
    fixture.time.reboot()
    _ = try fixture.boot()
    _ = try fixture.boot()
    fixture.time.reboot()
    _ = try fixture.boot()
    fixture.time.reboot()
    #expect(try fixture.boot().reverted == .crash)
  }

  @Test(arguments: [1, 2, 5])
  func `as many boots load it as it has attempts`(attempts: Int) throws {
    let fixture = try StoreFixture.ready()
    try fixture.open().activate("robot_001_v2", ActivationOptions(attempts: attempts))
    for _ in 0..<attempts {
      fixture.time.reboot()
      #expect(try fixture.boot().generation == 2)
    }
    fixture.time.reboot()
    #expect(try fixture.boot().generation == 1)
  }

  @Test func `a deadline counts within one boot`() throws {
    let fixture = try StoreFixture.ready()
    try fixture.open().activate("robot_001_v2", ActivationOptions(deadlineMilliseconds: 60_000))
    fixture.time.advance(seconds: 59)
    #expect(try fixture.boot().generation == 2)
    // The wall clock jumps by days; only time since the machine's start counts.
    fixture.time.setWall(Timestamp(milliseconds: 1_900_000_000_000))
    #expect(try fixture.boot().generation == 2)
    fixture.time.advance(seconds: 1)
    #expect(try fixture.boot().reverted == .deadline)
    #expect(try fixture.isBlocked("robot_001_v2"))
    try fixture.expectSound()
  }

  @Test func `a deadline starts again with each boot`() throws {
    let fixture = try StoreFixture.ready()
    try fixture.open().activate("robot_001_v2", ActivationOptions(attempts: 9, deadlineMilliseconds: 60_000))
    fixture.time.advance(seconds: 50)
    fixture.time.reboot()
    fixture.time.advance(seconds: 300)
    #expect(try fixture.boot().generation == 2, "this boot's first attempt starts the count")
    fixture.time.advance(seconds: 59)
    #expect(try fixture.boot().generation == 2)
    fixture.time.advance(seconds: 1)
    #expect(try fixture.boot().reverted == .deadline)
  }

  @Test func `a boot of a confirmed generation changes nothing, however often`() throws {
    let fixture = try StoreFixture.ready()
    let records = try fixture.open().verifyAudit().records
    let changed = try change(of: fixture.root) { () throws in
      for _ in 0..<5 {
        #expect(try fixture.boot().generation == 1)
        fixture.time.reboot()
      }
    }
    #expect(changed == [])
    #expect(try fixture.open().verifyAudit().records == records)
  }

  @Test func `a boot of an empty store finds nothing`() throws {
    let fixture = try StoreFixture()
    #expect(code { try fixture.boot() } == .notFound)
    #expect(code { try Registry.boot(fixture.scratch("nowhere")) } == .notFound)
  }

  @Test func `a trial without anything to go back to is refused its end`() throws {
    let fixture = try StoreFixture.ready()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
    // What it could go back to is blocked.
    let digest = try fixture.digest("robot_001_v1")
    try #require(symlinkMark(fixture, "marks/blocked/\(digest.hex)"))
    let error = try failure { try registry.health(.fault("arm drops"), rollback: true) }
    #expect(error.code == .refused && error.message.contains("nothing to go back to"))
    #expect(fixture.active == "generations/2")
    #expect(code { try registry.rollback() } == .refused)
  }

  private func symlinkMark(_ fixture: StoreFixture, _ name: String) -> Bool {
    (try? FileManager.default.createSymbolicLink(
      atPath: fixture.path(name), withDestinationPath: "by hand")) != nil
  }
}
