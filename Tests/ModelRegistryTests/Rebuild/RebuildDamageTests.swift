import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// What a rebuild meets where more than the index is gone.
@Suite struct RebuildDamageTests {
  private func rebuild(_ fixture: StoreFixture) throws -> RebuildResult {
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      try FileManager.default.removeItem(atPath: fixture.path(name))
    }
    return try Registry.rebuild(fixture.root, fixture.options())
  }

  @Test func `a manifest that is gone or bad is one version less, and said`() throws {
    let fixture = try StoreFixture.copied()
    let bad = StoreFixture.blob(try fixture.digest("robot_001_v2"))
    let gone = StoreFixture.blob(try fixture.digest("robot_001_v3"))
    #expect(chmod(fixture.path(bad), 0o644) == 0)
    try Data("{}".utf8).write(to: URL(filePath: fixture.path(bad)))
    try FileManager.default.removeItem(atPath: fixture.path(gone))
    let result = try rebuild(fixture)
    #expect(result.versions == 1)
    for version in ["robot_001_v2 can't come back", "robot_001_v3 can't come back"] {
      #expect(result.problems.contains { $0.hasPrefix(version) }, "\(result.problems)")
    }
    #expect(try fixture.open().versions().items.map(\.version.number) == [1])
    #expect(fixture.exists("versions/robot_001_v2/lora_adapters.npz"), "nothing was removed")
  }

  @Test func `the name of a manifest that a generation holds is made again`() throws {
    let fixture = try StoreFixture.copied()
    try FileManager.default.removeItem(atPath: fixture.path("manifests/robot_001_v1.json"))
    let result = try rebuild(fixture)
    #expect(result.versions == 3 && result.problems == [])
    #expect(try fixture.link("manifests/robot_001_v1.json").hasPrefix("../blobs/sha256/"))
    try fixture.expectSound()
  }

  @Test func `a tree that lacks a file counts as damaged, and repair makes it again`() throws {
    let fixture = try StoreFixture.copied()
    try FileManager.default.removeItem(atPath: fixture.path("versions/robot_001_v1/lora_adapters.npz"))
    try FileManager.default.removeItem(atPath: fixture.path("versions/robot_001_v3"))
    let result = try rebuild(fixture)
    #expect(result.problems.contains { $0.contains("robot_001_v1 is not whole") })
    #expect(result.installed == 2)
    #expect(code { try fixture.open().activate("robot_001_v1") } == nil, "it is active already")
    #expect(try fixture.open().verify(repair: true).damaged == [])
    _ = try fixture.open().install("robot_001_v3")
    try fixture.expectSound()
  }

  @Test func `a tree that nobody knows stays and is said`() throws {
    let fixture = try StoreFixture.copied()
    try FileManager.default.createDirectory(
      atPath: fixture.path("versions/robot_009_v1"), withIntermediateDirectories: false)
    let result = try rebuild(fixture)
    #expect(result.problems.contains { $0.contains("robot_009_v1") && $0.contains("has no manifest") })
    #expect(fixture.exists("versions/robot_009_v1"))
    _ = try fixture.open().collect()
    #expect(!fixture.exists("versions/robot_009_v1"))
  }

  @Test func `blobs that are gone or have another size are damage of who needs them`() throws {
    let fixture = try StoreFixture.copied()
    let short = try fixture.blob(of: "robot_001_v2")
    let gone = try fixture.blob(of: "robot_001_v3")
    #expect(chmod(fixture.path(short), 0o644) == 0)
    #expect(truncate(fixture.path(short), 3) == 0)
    try FileManager.default.removeItem(atPath: fixture.path(gone))
    let result = try rebuild(fixture)
    #expect(result.problems.contains { $0.contains("wrong size") })
    #expect(result.problems.contains { $0.contains("robot_001_v3 has no blob") })
    for version in ["robot_001_v2", "robot_001_v3"] {
      #expect(code { try fixture.open().activate(version) } == .integrity, "\(version)")
    }
    #expect(try fixture.open().verify(repair: true).repaired.count == 1, "v3's tree still has its bytes")
  }

  @Test(arguments: ["robot_001@stable.2", "robot_001@stable.x", "nothing"])
  func `a mark that says nothing is said, and the others count`(_ name: String) throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().setChannel(RebuildTests.stable, to: "robot_001_v2")
    #expect(symlink("robot_001_v3 half", fixture.path("marks/channels/\(name)")) == 0)
    #expect(symlink("torn", fixture.path("marks/evaluations/robot_001_v2.12")) == 0)
    let result = try rebuild(fixture)
    #expect(result.problems.count == 2 && result.channels == 1)
    #expect(try fixture.open().digest(of: "robot_001@stable").version.number == 2)
  }

  @Test func `a generation that was built and never reached is not gone back to`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2")
    try fixture.open().confirm()
    // As an activation leaves it that died before its rename.
    for (text, link) in [
      ("generations/3", "forward"), ("generations/2", "back"), ("../../versions/robot_001_v3", "robot_001"),
    ] {
      if !fixture.exists("generations/3") {
        try FileManager.default.createDirectory(
          atPath: fixture.path("generations/3"), withIntermediateDirectories: false)
      }
      #expect(symlink(text, fixture.path("generations/3/\(link)")) == 0)
    }
    let third = try fixture.digest("robot_001_v3")
    let record = GenerationRecord(
      number: 3, set: GenerationSet([.init(version: try VersionID(parsing: "robot_001_v3"), digest: third)]),
      at: Timestamp(milliseconds: 1), by: "tester", reason: nil, fallback: 2, trial: nil, audit: nil)
    try Data(record.canonicalBytes).write(to: URL(filePath: fixture.path("generations/3/generation.json")))
    let result = try rebuild(fixture)
    #expect(result.generations == 3)
    #expect(fixture.active == "generations/2")
    #expect(try fixture.open().rollbackTarget() == 1)
    #expect(code { try fixture.open().rollback(to: 3) } == .refused, "it was never active")
  }

  @Test func `a lost index that somebody has open, and a newer one, are left alone`() throws {
    let fixture = try StoreFixture.copied()
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      try FileManager.default.removeItem(atPath: fixture.path(name))
    }
    let held = try fixture.open(acceptsLostIndex: true)
    #expect(
      code { try Registry.rebuild(fixture.root, fixture.options(Configuration(waitMilliseconds: 0))) }
        == .busy)
    withExtendedLifetime(held) {}
  }
}
