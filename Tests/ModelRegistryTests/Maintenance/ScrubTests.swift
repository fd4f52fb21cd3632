import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import ModelRegistry

/// Everything is read slowly, bit by bit, over many runs.
@Suite struct ScrubTests {
  private let unhurried = ScrubBudget(bytesPerSecond: nil)
  /// One blob a run.
  private let one = ScrubBudget(bytesPerSecond: nil, bytes: 1)

  private func spoil(_ version: Reference, _ fixture: StoreFixture, _ how: Breaking = .flippedByte) throws {
    try breaking(fixture.path(fixture.blob(of: version)), how)
  }

  @Test func `a pass reads every blob once, and says when it was done`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    #expect(try registry.scrubState().finishedAt == nil && registry.scrubState().share == 0)
    let result = try registry.scrub(unhurried)
    let totals = try registry.status()
    #expect(result.isFinished && result.damaged == [] && result.warnings == [])
    #expect(Int64(result.checkedBlobs) == totals.blobs)
    #expect(result.state.doneBytes == totals.blobBytes && result.state.share == 1)
    #expect(result.state.startedAt == nil && result.state.finishedAt == fixture.time.clock.now())
    #expect(totals.scrub == result.state)
    #expect(try registry.doctor().contains { $0.subject == "scrub" && !$0.isProblem })
    try fixture.expectSound()
  }

  @Test func `it goes on where it stopped, also in another process`() throws {
    let fixture = try StoreFixture.copied()
    let blobs = Int(try #require(try fixture.open().status().blobs))
    var shares: [Double] = []
    for _ in 0..<blobs {
      fixture.time.advance(seconds: 1)
      let result = try fixture.open().scrub(one)
      #expect(result.checkedBlobs == 1 && !result.isFinished)
      shares.append(result.state.share)
    }
    #expect(shares == shares.sorted() && Set(shares).count == blobs && shares.last == 1)
    let began = try #require(try fixture.open().scrubState().startedAt)
    fixture.time.advance(seconds: 1)
    let last = try fixture.open().scrub(one)
    #expect(last.isFinished && last.checkedBlobs == 0)
    #expect(try #require(last.state.finishedAt) > began)
    #expect(try fixture.open().scrub(one).checkedBlobs == 1, "and then it begins again")
  }

  @Test(arguments: Breaking.allCases) func `damage is found and recorded as verify does, and so is its end`(
    how: Breaking
  ) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let path = fixture.path(try fixture.blob(of: "robot_001_v2"))
    let good = try Data(contentsOf: URL(filePath: path))
    try spoil("robot_001_v2", fixture, how)
    let found = try registry.scrub(unhurried)
    let verified = try registry.verify(full: true)
    #expect(Set(found.damaged) == Set(verified.damaged) && found.damaged.count == 1)
    #expect(found.state.damaged == 1)
    #expect(try registry.show("robot_001_v2").0.isDamaged)
    #expect(code { try registry.activate("robot_001_v2") } == .integrity)
    chmod(path, 0o644)
    try good.write(to: URL(filePath: path))
    chmod(path, 0o444)
    #expect(try registry.scrub(unhurried).damaged == [])
    #expect(try !registry.show("robot_001_v2").0.isDamaged)
    #expect(try registry.scrubState().damaged == 0)
  }

  @Test func `a tree's own inode is read, recorded and taken back`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let entry = fixture.path("versions/robot_001_v2/lora_adapters.npz")
    try Data("weights of TWO".utf8).write(to: URL(filePath: entry), options: .atomic)
    let found = try registry.scrub(unhurried)
    #expect(found.damaged.map(\.kind) == [.file])
    #expect(found.damaged.first?.paths == ["versions/robot_001_v2/lora_adapters.npz"])
    #expect(try registry.show("robot_001_v2").0.isDamaged)
    try Data("weights of two".utf8).write(to: URL(filePath: entry), options: .atomic)
    #expect(try registry.scrub(unhurried).damaged == [])
    #expect(try !registry.show("robot_001_v2").0.isDamaged)
    try #require(unlink(entry) == 0)
    #expect(try registry.scrub(unhurried).damaged.map(\.problem) == ["the file is missing"])
  }

  @Test func `a generation and a manifest's name are looked at, too`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try breaking(fixture.path("generations/1/generation.json"), .flippedByte)
    try #require(unlink(fixture.path("manifests/robot_001_v3.json")) == 0)
    let damaged = try registry.scrub(unhurried).damaged
    #expect(damaged.contains { $0.kind == .generation } && damaged.contains { $0.kind == .link })
    #expect(try Set(damaged) == Set(registry.verify(full: true).damaged))
  }

  @Test func `a stop is told, and what was read by then is not read again`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let calls = Mutex(0)
    let error = try failure {
      try registry.scrub(unhurried) { _, _ in
        let count = calls.withLock { calls in
          calls += 1
          return calls
        }
        if count > 8 { throw RegistryError(.cancelled, "somebody pressed stop", hint: "begin it again") }
      }
    }
    #expect(error.code == .cancelled)
    let state = try registry.scrubState()
    #expect(state.startedAt != nil && state.doneBytes > 0 && state.share < 1)
    let blobs = Int(try #require(try registry.status().blobs))
    let rest = try registry.scrub(unhurried)
    #expect(rest.isFinished && rest.checkedBlobs < blobs && rest.checkedBlobs > 0)
  }

  @Test func `what is collected meanwhile is no damage`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    _ = try registry.uninstall("robot_001_v3")
    let others = try fixture.open()
    let isCollected = Atomic(false)
    let result = try registry.scrub(unhurried) { _, _ in
      guard !isCollected.exchange(true, ordering: .relaxed) else { return }
      _ = try others.uninstall("robot_001_v2")
      #expect(try !others.collect().removedBlobs.isEmpty)
    }
    #expect(isCollected.load(ordering: .relaxed) && result.isFinished && result.damaged == [])
    #expect(try registry.audit().items.allSatisfy { $0.record.kind != .damage })
    try fixture.expectSound()
  }

  @Test func `one at a time, and nobody who may not write`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let other = try fixture.open()
    let codes = Mutex<[RegistryError.Code?]>([])
    _ = try registry.scrub(unhurried) { _, _ in
      let found = code { try other.scrub(ScrubBudget(bytesPerSecond: nil)) }
      codes.withLock { $0.append(found) }
    }
    #expect(codes.withLock { $0.allSatisfy { $0 == .busy } && !$0.isEmpty })
    let reader = try Registry.openForReading(fixture.root, fixture.options())
    #expect(code { try reader.scrub(unhurried) } == .permission)
  }

  @Test func `it rests as long as its rate asks for, and a stop ends the rest`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let time = Mutex((now: Duration.zero, longest: Duration.zero))
    let clock = PaceClock(
      now: { time.withLock(\.now) },
      sleep: { rest in
        time.withLock { time in
          time.now += rest
          time.longest = max(time.longest, rest)
        }
      })
    let result = try registry.scrub(ScrubBudget(bytesPerSecond: 10), clock: clock)
    let passed = time.withLock(\.now)
    #expect(passed >= .milliseconds(result.checkedBytes * 100 - 1))
    #expect(passed <= .milliseconds(result.checkedBytes * 100 + 100))
    #expect(time.withLock(\.longest) <= .milliseconds(100), "so that a stop is noticed")
    let before = time.withLock(\.now)
    let error = try failure {
      try registry.scrub(
        ScrubBudget(bytesPerSecond: 1),
        progress: { _, _ in
          guard time.withLock({ $0.now }) > before else { return }
          throw RegistryError(.cancelled, "somebody pressed stop", hint: "begin it again")
        }, clock: clock)
    }
    #expect(error.code == .cancelled && time.withLock(\.now) - before <= .milliseconds(100))
  }

  @Test func `its thread gets its own priority back`() throws {
    let before = IOPriority.current
    let fixture = try StoreFixture.copied()
    var inside: Int32?
    IOPriority.idle { inside = IOPriority.current }
    _ = try fixture.open().scrub(unhurried)
    #expect(IOPriority.current == before)
    // Where the kernel knows priorities at all; every thread may lower its own.
    if before >= 0 { #expect(inside == IOPriority.lowest) }
  }

  @Test func `what is good already is not written again`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    _ = try registry.scrub(unhurried)
    let recorder = StatementRecorder()
    try StatementRecorder.$current.withValue(recorder) {
      _ = try fixture.open().scrub(unhurried)
    }
    let statements = recorder.statements
    #expect(statements.contains { $0.contains("UPDATE scrub") })
    #expect(!statements.contains { $0.contains("INTO stamps") }, "\(statements)")
  }

  @Test func `what was repaired while a part was read is not called damaged again`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let path = fixture.path(try fixture.blob(of: "robot_001_v2"))
    let good = try Data(contentsOf: URL(filePath: path))
    try spoil("robot_001_v2", fixture)
    let isOver = Atomic(false)
    let bad = try registry.verify()
    #expect(bad.damaged.count == 1)
    let blobs = try #require(try registry.status().blobBytes)
    let result = try registry.scrub(unhurried) { done, _ in
      // When everything was read, and nothing is written down yet.
      guard done >= blobs, !isOver.exchange(true, ordering: .relaxed) else { return }
      chmod(path, 0o644)
      try good.write(to: URL(filePath: path))
      chmod(path, 0o444)
      #expect(try fixture.open().verify().damaged == [])
    }
    #expect(isOver.load(ordering: .relaxed) && result.damaged == [])
    #expect(try !registry.show("robot_001_v2").0.isDamaged)
  }

  @Test func `what others mark as bad meanwhile stays marked`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let blobs = try #require(try registry.status().blobBytes)
    let isOver = Atomic(false)
    _ = try registry.scrub(unhurried) { done, _ in
      guard done >= blobs, !isOver.exchange(true, ordering: .relaxed) else { return }
      try spoil("robot_001_v2", fixture)
      #expect(try fixture.open().verify().damaged.count == 1)
    }
    let wasTried = isOver.load(ordering: .relaxed)
    #expect(wasTried)
    #expect(try registry.show("robot_001_v2").0.isDamaged)
  }

  @Test func `a link more is no repair`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let path = fixture.path(try fixture.blob(of: "robot_001_v2"))
    try spoil("robot_001_v2", fixture)
    let isLinked = Atomic(false)
    let blobs = try #require(try registry.status().blobBytes)
    let result = try registry.verify { done, _ in
      guard done >= blobs, !isLinked.exchange(true, ordering: .relaxed) else { return }
      try #require(link(path, fixture.scratch("another name")) == 0)
    }
    let wasLinked = isLinked.load(ordering: .relaxed)
    #expect(wasLinked && result.damaged.count == 1)
    #expect(try registry.show("robot_001_v2").0.isDamaged)
  }

  @Test func `a tree that others mark as bad meanwhile stays marked`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let entry = fixture.path("versions/robot_001_v2/lora_adapters.npz")
    let good = try Data(contentsOf: URL(filePath: entry))
    let isMarked = Atomic(false)
    let result = try registry.verify(full: true) { _, _ in
      guard !isMarked.exchange(true, ordering: .relaxed) else { return }
      try Data("weights of TWO".utf8).write(to: URL(filePath: entry), options: .atomic)
      #expect(try fixture.open().verify(full: true).damaged.count == 1)
      try good.write(to: URL(filePath: entry), options: .atomic)
    }
    let wasMarked = isMarked.load(ordering: .relaxed)
    #expect(wasMarked && result.damaged == [])
    #expect(try registry.show("robot_001_v2").0.isDamaged, "who reads it next says whether it is good again")
    #expect(try registry.verify(full: true).damaged == [])
    #expect(try !registry.show("robot_001_v2").0.isDamaged)
  }

  @Test func `a tree that is bad is told of once`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let entry = fixture.path("versions/robot_001_v2/lora_adapters.npz")
    try Data("weights of TWO".utf8).write(to: URL(filePath: entry), options: .atomic)
    for _ in 0..<2 {
      var damaged: [Damage] = []
      repeat {
        let result = try registry.scrub(one)
        damaged += result.damaged
        if result.isFinished { break }
      } while true
      #expect(damaged.map(\.kind) == [.file])
    }
  }
}
