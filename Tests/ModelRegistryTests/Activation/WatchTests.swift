import Foundation
import ModelRegistry
import TestSupport
import Testing

/// The deadline of a trial while something runs: who watches ends an overdue one.
@Suite struct WatchTests {
  private func onTrial(seconds: Int64? = 60) throws -> StoreFixture {
    let fixture = try StoreFixture.ready()
    try fixture.open().activate(
      "robot_001_v2", ActivationOptions(deadlineMilliseconds: seconds.map { $0 * 1000 }))
    return fixture
  }

  @Test func `without a trial there is nothing to watch, and nothing is written`() throws {
    let empty = try StoreFixture()
    #expect(try empty.open().watch() == empty.open().watch())
    #expect(try empty.open().watch().generation == nil)
    let fixture = try StoreFixture.ready()
    let registry = try fixture.open()
    let before = try Snapshot(fixture.root)
    let look = try registry.watch()
    #expect(look.generation == 1 && !look.isOnTrial && look.millisecondsLeft == nil && look.reverted == nil)
    #expect(try Snapshot(fixture.root) == before)
  }

  @Test func `a trial is told of, and its time goes by`() throws {
    let fixture = try onTrial()
    let registry = try fixture.open()
    fixture.time.advance(seconds: 20)
    let before = try Snapshot(fixture.root)
    let look = try registry.watch()
    #expect(look.generation == 2 && look.isOnTrial && look.attemptsLeft == 3)
    #expect(look.millisecondsLeft == 40_000 && !look.isOverdue && look.problem == nil)
    #expect(try Snapshot(fixture.root) == before, "a look changes nothing")
    try registry.confirm()
    #expect(try !registry.watch().isOnTrial)
    fixture.time.advance(seconds: 60)
    #expect(try registry.watch().generation == 2)
  }

  @Test func `when its time is up it is reverted as by a boot, and blocked`() throws {
    let fixture = try onTrial()
    let registry = try fixture.open()
    fixture.time.advance(milliseconds: 59_999)
    #expect(try registry.watch().millisecondsLeft == 1)
    fixture.time.advance(milliseconds: 1)
    let look = try registry.watch()
    #expect(look.reverted?.generation == 1 && look.reverted?.switched == true && look.generation == 1)
    #expect(!look.isOnTrial && look.millisecondsLeft == nil)
    #expect(fixture.active == "generations/1")
    #expect(try fixture.isBlocked("robot_001_v2"))
    #expect(try fixture.kinds(1) == [.revert])
    #expect(try registry.history().items.first?.reason == "deadline")
    #expect(try registry.watch().reverted == nil)
    #expect(try registry.audit().items.suffix(2).map(\.record.kind) == [.revert, .block])
    try fixture.expectSound()
  }

  @Test func `time counts from the first boot that loads it, in this boot alone`() throws {
    let fixture = try onTrial()
    fixture.time.reboot()
    #expect(try fixture.open().watch().millisecondsLeft == nil, "nothing began in this boot")
    fixture.time.advance(seconds: 600)
    _ = try fixture.boot()
    let registry = try fixture.open()
    #expect(try registry.watch().millisecondsLeft == 60_000)
    fixture.time.advance(seconds: 60)
    #expect(try registry.watch().reverted?.generation == 1)
  }

  @Test func `no deadline, no end`() throws {
    let fixture = try onTrial(seconds: nil)
    fixture.time.advance(seconds: 1_000_000)
    let look = try fixture.open().watch()
    #expect(look.isOnTrial && look.millisecondsLeft == nil && look.reverted == nil)
  }

  @Test func `a trial that has nothing to go back to goes on, and that is told`() throws {
    let fixture = try onTrial()
    let registry = try fixture.open()
    try FileManager.default.removeItem(atPath: fixture.path("versions/robot_001_v1"))
    fixture.time.advance(seconds: 61)
    let before = try Snapshot(fixture.root)
    for _ in 0..<2 {
      let look = try registry.watch()
      #expect(
        look.isOverdue && look.reverted == nil && look.problem?.contains("nothing to revert to") == true)
    }
    #expect(try Snapshot(fixture.root) == before, "nothing is written every second")
  }

  @Test func `without an index the next boot ends it`() throws {
    let fixture = try onTrial()
    try LostIndexTests.Loss.garbage.apply(fixture)
    let registry = try fixture.open(acceptsLostIndex: true)
    fixture.time.advance(seconds: 61)
    let look = try registry.watch()
    #expect(look.isOnTrial && look.attemptsLeft == 0 && look.millisecondsLeft == nil && look.problem != nil)
    #expect(fixture.active == "generations/2")
    #expect(try fixture.boot().reverted == .unknown)
    #expect(try registry.watch().generation == 1)
  }

  @Test func `of many who watch one reverts, and who only reads doesn't`() throws {
    let fixture = try onTrial()
    fixture.time.advance(seconds: 61)
    let reader = try Registry.openForReading(fixture.root, fixture.options())
    #expect(try reader.watch().isOverdue)
    let (a, b) = race({ try fixture.open().watch() }, { try fixture.open().watch() })
    let reverts = try [a.get(), b.get()].compactMap(\.reverted)
    #expect(reverts.count == 1)
    #expect(try fixture.open().history().items.count { $0.kind == .revert } == 1)
    try fixture.expectSound()
  }
}
