import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// Clocks that are wrong, entries that come late, and what failed before.
@Suite struct LateTests {
  private func setModified(_ path: String, hours: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: hours * 3600)], ofItemAtPath: path)
  }

  private func entries(_ hall: Hall) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: hall.path("journal")).sorted()
  }

  @Test func `a machine whose clock is behind writes no entry that others have passed`() throws {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    _ = try hall.robot("left").push("robot_001_v1")
    // Another machine, three hours ahead, wrote last.
    try setModified(hall.path(".clock"), hours: 3)
    let right = try hall.robot("right")
    _ = try right.sync()
    #expect(try #require(right.remote()?.cursor).milliseconds > Self.now + 2 * 3_600_000)
    try hall.publish("two", on: "left")
    _ = try hall.robot("left").push("robot_001_v2")
    #expect(try right.sync().fetched.map(\.number) == [2])
  }

  private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

  @Test func `an entry that comes long after its manifest gets a second one`() throws {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    let left = try hall.robot("left")
    _ = try left.push("robot_001_v1")
    // As if the network went between the manifest and the entry, and came back two hours later.
    try FileManager.default.removeItem(atPath: hall.path("journal"))
    try setModified(hall.path("adapters/robot_001_v1/manifest.json"), hours: -2)
    try hall.publish("other", on: "third", as: "other")
    _ = try hall.robot("third").push("other_v1")
    let right = try hall.robot("right")
    _ = try right.sync()
    #expect(try right.versions().items.count == 1)
    _ = try left.push("robot_001_v1")
    #expect(try entries(hall).filter { $0.contains("robot_001_v1") }.count == 2)
    #expect(try right.sync().fetched.map(\.description) == ["robot_001_v1"])
  }

  @Test func `a channel brings the version that it names`() throws {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    let left = try hall.robot("left")
    _ = try left.push("robot_001_v1")
    try left.setChannel(ChannelName(parsing: "stable"), to: "robot_001_v1")
    try FileManager.default.removeItem(atPath: hall.path("journal"))
    let round = try hall.robot("right").sync()
    #expect(round.fetched.count == 1 && round.channels.count == 1)
  }

  @Test func `what couldn't be brought is told of and tried again, long after its entry`() throws {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    _ = try hall.robot("left").push("robot_001_v1")
    let manifest = hall.path("adapters/robot_001_v1/manifest.json")
    let good = try Data(contentsOf: URL(filePath: manifest))
    try Data("{}".utf8).write(to: URL(filePath: manifest))
    let fixture = try hall.fixture("right")
    let right = try hall.robot("right")
    #expect(try right.sync().problems.count == 1)
    for hours in 1...3 {
      fixture.time.advance(seconds: 7200)
      #expect(try right.sync().problems.count == 1, "\(2 * hours) hours later")
    }
    #expect(try right.status().problems.contains { $0.contains("robot_001_v1 can't be brought") })
    try good.write(to: URL(filePath: manifest))
    fixture.time.advance(seconds: 7200)
    let healed = try right.sync()
    #expect(healed.fetched.count == 1 && healed.problems.isEmpty)
    #expect(try right.status().problems.isEmpty)
  }

  @Test func `a version that is too large is refused before its first byte, and hides no other`() throws {
    let hall = try Hall()
    let huge = try Manifest(
      adapter: AdapterName(parsing: "huge"), number: 1, createdAt: Timestamp(milliseconds: 0),
      modelType: "x", framework: "x",
      files: [Manifest.File(path: path("a"), digest: sha256([1]), bytes: 4 << 40)])
    let entry = JournalEntry(
      publishedAt: Timestamp(milliseconds: 1_600_000_000_000), version: huge.versionID,
      digest: try sha256(huge.canonicalBytes))
    _ = try hall.robot("left")
    try hall.remote.write(RemoteLayout.manifest(huge.versionID).text, huge.canonicalBytes)
    try hall.remote.write(entry.name.text, entry.bytes)
    let blob = try hall.remote.write(RemoteLayout.blob(sha256([1])).text, "")
    #expect(truncate(blob, 4 << 40) == 0)
    try hall.publish("one", on: "left")
    _ = try hall.robot("left").push("robot_001_v1")
    let round = try hall.robot("right").sync()
    #expect(round.fetched.map(\.description) == ["robot_001_v1"])
    #expect(round.problems.count == 1 && round.isOutOfSpace)
    let parts = try? FileManager.default.contentsOfDirectory(
      atPath: hall.fixture("right").root + "/private/transfers")
    #expect(parts?.contains(try sha256([1]).hex) != true)
  }

  @Test func `a version whose manifest was lost here comes back from the remote`() throws {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    let fixture = try hall.fixture("left")
    let digest = try hall.robot("left").push("robot_001_v1").digest
    let blob = "\(fixture.root)/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
    chmod(blob, 0o644)
    try Data("spoilt".utf8).write(to: URL(filePath: blob))
    for name in try FileManager.default.contentsOfDirectory(atPath: fixture.root)
    where name.hasPrefix("registry.db") {
      try FileManager.default.removeItem(atPath: "\(fixture.root)/\(name)")
    }
    _ = try Registry.rebuild(fixture.root, fixture.options())
    let round = try hall.robot("left").sync(full: true)
    #expect(round.conflicts.isEmpty && round.fetched.map(\.number) == [1])
    #expect(try hall.robot("left").verify(full: true).damaged.isEmpty)
  }
}
