import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct CollectTests {
  @Test func `gc of a tidy store finds nothing and records nothing`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let records = try registry.verifyAudit().records
    let changed = try change(of: fixture.root) { () throws in
      let result = try registry.collect()
      #expect(
        result.removedVersions.isEmpty && result.removedBlobs.isEmpty && result.removedGenerations.isEmpty)
      #expect(result.freedBytes == 0 && result.kept.isEmpty)
    }
    #expect(changed == [])
    #expect(try registry.verifyAudit().records == records)
  }

  @Test func `a dry run tells what the deed then does`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let policy = CollectionPolicy(keep: 0)
    let before = try Snapshot(fixture.root)
    let planned = try registry.collect(policy, dryRun: true)
    #expect(try Snapshot(fixture.root) == before)
    #expect(planned.removedVersions.map(\.number) == [2, 3] && planned.removedBlobs.count == 2)
    #expect(planned.freedBytes == 14 + 16 && planned.kept.keys.map(\.number) == [1])
    #expect(try registry.collect(policy) == planned)
    #expect(try fixture.names(in: "versions") == ["robot_001_v1"])
    #expect(try registry.audit().items.last?.record.kind == .collect)
    try fixture.expectSound()
  }

  @Test func `shared blobs stay as long as one installed version needs them`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try fixture.publish("two", as: "robot_002", in: registry)
    _ = try registry.uninstall("robot_001_v2")
    #expect(try registry.collect().removedBlobs.isEmpty)
    _ = try registry.uninstall("robot_002_v1")
    #expect(try registry.collect().freedBytes == 14)
    try fixture.expectSound()
  }

  @Test(
    arguments: [
      (CollectionPolicy(keep: 2), [1, 2]), (CollectionPolicy(keep: 4), []),
      (CollectionPolicy(keep: 0), [1, 2, 3]),
      (CollectionPolicy(olderThanMilliseconds: 90_000), [1, 2, 3]),
      (CollectionPolicy(olderThanMilliseconds: 0), [1, 2, 3]),
      (CollectionPolicy(keep: 2, olderThanMilliseconds: 90_000), [1, 2]),
      (CollectionPolicy(keep: 3, olderThanMilliseconds: 90_000), [1]),
      (CollectionPolicy(keep: 0, olderThanMilliseconds: 150_000), [1, 2]), (CollectionPolicy(), []),
    ] as [(CollectionPolicy, [Int])])
  func `a policy takes by number and age, for each adapter`(policy: CollectionPolicy, gone: [Int]) throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    // Versions 1 to 4 of two adapters, a minute apart; 4 is active.
    for number in 1...4 {
      for adapter in ["robot_001", "robot_002"] {
        try fixture.publish("\(number)", as: adapter, in: registry)
      }
      fixture.time.advance(seconds: 60)
    }
    try registry.activate(["robot_001_v4", "robot_002_v4"])
    let result = try registry.collect(policy)
    #expect(
      Dictionary(grouping: result.removedVersions, by: \.adapter).values.allSatisfy {
        $0.map(\.number) == gone
      })
    #expect(result.removedVersions.count == 2 * gone.count)
    #expect(try registry.versions(limit: 10).items.filter(\.isInstalled).count == 8 - 2 * gone.count)
    try fixture.expectSound()
  }

  @Test func `generations go when their versions do, or beyond the newest hundred`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.activate("robot_001_v3")
    try registry.rollback()
    try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
    _ = try registry.uninstall("robot_001_v3")
    #expect(try registry.collect().removedGenerations == [2])
    #expect(try fixture.names(in: "generations") == ["1", "3"])
    #expect(code { try registry.rollback(to: 2) } == .refused)
    #expect(
      try registry.history().items.contains { $0.generation == 2 && $0.set.sorted.count == 1 },
      "history stays")
    #expect(try registry.activate("robot_001_v1").generation == 4, "no number is used twice")
    try fixture.expectSound()
  }

  @Test func `of more than a hundred generations the oldest go, but for what is protected`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    for number in 0..<104 {
      try registry.activate("robot_001_v\(2 - number % 2)", ActivationOptions(confirmed: true))
    }
    let result = try registry.collect()
    #expect(result.removedGenerations == [1, 2, 3, 4, 5])
    #expect(try fixture.names(in: "generations").count == 100)
    #expect(try registry.rollback().generation == 104)
    try fixture.expectSound()
  }

  @Test func `quarantine is kept for a look, up to 64 MiB`() throws {
    let fixture = try StoreFixture.copied()
    for (number, name) in ["old", "newer", "newest"].enumerated() {
      let path = fixture.path("quarantine/\(name)")
      let file = open(path, O_CREAT | O_WRONLY, 0o600)
      try #require(file >= 0 && ftruncate(file, 30 << 20) == 0)
      var times = [
        timespec(tv_sec: 1000 * (number + 1), tv_nsec: 0), timespec(tv_sec: 1000 * (number + 1), tv_nsec: 0),
      ]
      try #require(futimens(file, &times) == 0)
      close(file)
    }
    _ = try fixture.open().collect()
    #expect(try fixture.names(in: "quarantine") == ["newer", "newest"])
  }

  @Test func `what an operation left behind goes with gc`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try fixture.scratch.write("root/versions/robot_009_v1/file", "x")
    try fixture.scratch.write("root/blobs/sha256/00/\(String(repeating: "0", count: 64))", "x")
    try #require(symlink("../blobs/sha256/00/00", fixture.path("manifests/robot_009_v1.json")) == 0)
    _ = try registry.collect()
    #expect(try fixture.names(in: "versions").count == 3 && fixture.names(in: "manifests").count == 3)
    #expect(!fixture.exists("blobs/sha256/00/\(String(repeating: "0", count: 64))"))
    try fixture.expectSound()
  }
}
