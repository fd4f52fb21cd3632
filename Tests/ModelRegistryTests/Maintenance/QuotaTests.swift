import ModelRegistry
import TestSupport
import Testing

@Suite struct QuotaTests {
  /// Versions v1 to v6 of 1000 bytes each, made an hour apart; v1 is active.
  private func store() throws -> StoreFixture {
    let fixture = try StoreFixture("quota")
    let registry = try fixture.open()
    for number in 1...6 {
      let file = try fixture.scratch.write(
        "w\(number)/weights.bin", [UInt8](repeating: UInt8(number), count: 1000))
      try registry.publish(PublishRequest(adapter: "robot_001", paths: [file]))
      fixture.time.advance(seconds: 3_600)
    }
    try registry.activate("robot_001_v1")
    return fixture
  }

  private func collect(_ fixture: StoreFixture, _ cache: CachePolicy, dryRun: Bool = false) throws
    -> CollectionResult
  {
    try fixture.open(Configuration(cache: cache)).collect(dryRun: dryRun)
  }

  @Test func `near the quota the oldest go until there is room, and what is protected stays and says why`()
    throws
  {
    let fixture = try store()
    let bytes = try fixture.open().status().blobBytes ?? 0
    let cache = CachePolicy(limitBytes: bytes, cleanAtPercent: 80, olderThanMilliseconds: 3_600_000)
    let result = try collect(fixture, cache)
    #expect(result.removedVersions.map(\.number) == [2, 3])
    #expect(result.kept.map(\.key.number) == [1] && result.kept.first?.value.contains("active") == true)
    #expect(result.freedBytes == 2000 && result.removedBlobs.count == 2)
    #expect(try fixture.open().status().blobBytes == bytes - 2000)
    #expect(try collect(fixture, cache).removedVersions == [], "there is room now")
    try fixture.expectSound()
  }

  @Test func `young versions stay below the limit, and go above it`() throws {
    let fixture = try store()
    let bytes = try fixture.open().status().blobBytes ?? 0
    let week: Int64 = 168 * 3_600_000
    let near = CachePolicy(limitBytes: bytes, cleanAtPercent: 50, olderThanMilliseconds: week)
    #expect(try collect(fixture, near, dryRun: true).removedVersions == [])
    let above = CachePolicy(limitBytes: bytes - 1500, cleanAtPercent: 100, olderThanMilliseconds: week)
    #expect(try collect(fixture, above).removedVersions.map(\.number) == [2, 3])
    try fixture.expectSound()
  }

  @Test func `without a quota, or far from it, nothing goes`() throws {
    let fixture = try store()
    #expect(try fixture.open().collect().removedVersions == [])
    #expect(try collect(fixture, .standard).removedVersions == [])
  }
}
