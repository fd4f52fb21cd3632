import DurableFiles
import Foundation
import Glibc
@testable import ModelRegistry
import TestSupport
import Testing

/// What reviewers found that a rebuild or a restore did wrong.
@Suite struct RebuildReviewTests {
  private func removeIndex(_ fixture: StoreFixture) throws {
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      try FileManager.default.removeItem(atPath: fixture.path(name))
    }
  }

  @Test func `the way back doesn't wait while a lost index is made again`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2")
    try removeIndex(fixture)
    let store = try Store(Directory.open(fixture.root))
    let held = try StoreLock.open.acquire(store, .exclusive, waitingAtMost: 0)
    let result = try fixture.open(acceptsLostIndex: true).rollback()
    #expect(result.generation == 1 && fixture.active == "generations/1")
    held.release()
    _ = try Registry.rebuild(fixture.root, fixture.options())
    try fixture.expectSound()
  }

  @Test func `a confirmation that came after the backup is not taken back`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2")
    let file = fixture.scratch("index.backup")
    try fixture.open().backup(to: file)
    try fixture.open().confirm()
    _ = try Registry.restore(fixture.root, from: file, force: true, fixture.options())
    for _ in 0..<5 { #expect(try fixture.boot().reverted == nil) }
    #expect(try fixture.open().status().active?.state == .confirmed && fixture.active == "generations/2")
    try fixture.expectSound()
  }

  @Test func `a rollback that came after the backup leaves what it left`() throws {
    let fixture = try StoreFixture.copied()
    let confirmed = ActivationOptions(confirmed: true)
    try fixture.open().activate("robot_001_v2", confirmed)
    try fixture.open().activate("robot_001_v3", confirmed)
    let file = fixture.scratch("index.backup")
    try fixture.open().backup(to: file)
    try fixture.open().rollback()
    let target = try fixture.open().rollbackTarget()
    _ = try Registry.restore(fixture.root, from: file, force: true, fixture.options())
    #expect(fixture.active == "generations/2")
    #expect(try fixture.open().rollbackTarget() == target)
    try fixture.expectSound()
  }

  @Test func `a backup of a record that was begun again since is refused, and nothing is changed`() throws {
    let fixture = try StoreFixture.copied()
    for _ in 0..<5 {
      try fixture.open().pin("robot_001_v3")
      try fixture.open().unpin("robot_001_v3")
    }
    let file = fixture.scratch("index.backup")
    try fixture.open().backup(to: file)
    try removeIndex(fixture)
    _ = try Registry.rebuild(fixture.root, fixture.options())
    try fixture.open().activate("robot_001_v2")
    #expect(
      code { try Registry.restore(fixture.root, from: file, force: true, fixture.options()) } == .refused)
    try fixture.open().confirm()
    try fixture.expectSound()
  }

  @Test func `a good fallback whose own way back was taken away is still one`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2", ActivationOptions(confirmed: true))
    // As recovery leaves it when generation 1 can't be gone back to.
    try FileManager.default.removeItem(atPath: fixture.path("generations/2/back"))
    try fixture.open().marks.block(
      [fixture.digest("robot_001_v1")], at: fixture.time.clock.now(), reason: "bad")
    try fixture.open().activate("robot_001_v3")
    try removeIndex(fixture)
    _ = try Registry.rebuild(fixture.root, fixture.options())
    #expect(try fixture.open().rollbackTarget() == 2)
    try fixture.open().rollback()
    #expect(fixture.active == "generations/2")
  }

  @Test func `the name and tree of an active version that can't come back are not given away or collected`()
    throws
  {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v3", ActivationOptions(confirmed: true))
    try FileManager.default.removeItem(
      atPath: fixture.path(StoreFixture.blob(fixture.digest("robot_001_v3"))))
    try removeIndex(fixture)
    let result = try Registry.rebuild(fixture.root, fixture.options())
    #expect(result.problems.contains { $0.hasPrefix("robot_001_v3 can't come back") })
    _ = try fixture.open().collect()
    #expect(try fixture.text("active/robot_001/lora_adapters.npz") == "weights of three")
    #expect(try fixture.publish("new").version.number == 4)
    #expect(code { try fixture.publish("other", number: 3) } == .refused)
    #expect(try fixture.text("active/robot_001/lora_adapters.npz") == "weights of three")
  }

  @Test func `what a generation may name stays while its record can't be read`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v3", ActivationOptions(confirmed: true))
    try FileManager.default.removeItem(
      atPath: fixture.path(StoreFixture.blob(fixture.digest("robot_001_v3"))))
    try removeIndex(fixture)
    _ = try Registry.rebuild(fixture.root, fixture.options())
    let record = fixture.path("generations/2/generation.json")
    try FileManager.default.moveItem(atPath: record, toPath: record + ".aside")
    try FileManager.default.createDirectory(atPath: record, withIntermediateDirectories: false)
    let remains = fixture.path("staging/publish-dead")
    try FileManager.default.createDirectory(atPath: remains, withIntermediateDirectories: false)
    try Data("staged".utf8).write(to: URL(filePath: remains + "/blob"))
    _ = try fixture.open()
    #expect(try fixture.text("versions/robot_001_v3/lora_adapters.npz") == "weights of three")
    #expect(FileManager.default.fileExists(atPath: remains), "or the next opening wouldn't look")
    #expect(try FileManager.default.contentsOfDirectory(atPath: remains) == [], "bytes that nobody needs")
    try FileManager.default.removeItem(atPath: record)
    try FileManager.default.moveItem(atPath: record + ".aside", toPath: record)
    _ = try fixture.open()
    #expect(try fixture.text("versions/robot_001_v3/lora_adapters.npz") == "weights of three")
    #expect(!FileManager.default.fileExists(atPath: remains))
  }

  @Test func `a generation whose record is damaged stays, and what its links name`() throws {
    let fixture = try StoreFixture.copied()
    for version in ["robot_001_v3", "robot_001_v2"] {
      try fixture.open().activate(version, ActivationOptions(confirmed: true))
    }
    let manifest = try fixture.digest("robot_001_v3")
    let blob = fixture.path(StoreFixture.blob(manifest))
    let bytes = try Data(contentsOf: URL(filePath: blob))
    for path in [blob, fixture.path("generations/2/generation.json")] {
      try FileManager.default.removeItem(atPath: path)
      try Data("{".utf8).write(to: URL(filePath: path))
    }
    try removeIndex(fixture)
    _ = try Registry.rebuild(fixture.root, fixture.options())
    try FileManager.default.removeItem(atPath: blob)
    try bytes.write(to: URL(filePath: blob))
    _ = try fixture.open().collect()
    #expect(try fixture.text("generations/2/robot_001/lora_adapters.npz") == "weights of three")
    #expect(FileManager.default.fileExists(atPath: blob), "or it could never come back")
  }

  @Test func `a setting that nobody acknowledged is not made true by a rebuild`() throws {
    let fixture = try StoreFixture.copied()
    let digest = try fixture.digest("robot_001_v3")
    // As a kill behind the mark leaves it.
    try FileManager.default.createDirectory(
      atPath: fixture.path("staging/channel-dead"), withIntermediateDirectories: false)
    #expect(
      symlink(
        "robot_001_v3 \(digest) 2026-01-05T10:15:00.000Z 6 tester",
        fixture.path("marks/channels/robot_001@stable.1")) == 0)
    let result = try Registry.rebuild(fixture.root, fixture.options())
    #expect(result.channels == 0 && result.added == 0)
    #expect(code { try fixture.open().digest(of: "robot_001@stable") } == .notFound)
    try fixture.expectSound()
  }

  @Test func `an object array that is shorter than its header is malformed, not a trap`() throws {
    let dictionary = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    let bytes: [UInt8] =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(dictionary.utf8.count), 0] + Array(dictionary.utf8)
    let header = try NpyHeader(parsing: bytes)
    #expect(code { try header.tensor("x", fileBytes: 20) } == .integrity)
  }
}
