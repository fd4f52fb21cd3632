import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// What waits to be sent, and what it holds up.
@Suite struct OutboxTests {
  private func away(_ hall: Hall) throws {
    try FileManager.default.moveItem(atPath: hall.remote.path, toPath: hall.remote.path + ".away")
  }
  private func back(_ hall: Hall) throws {
    try? FileManager.default.removeItem(atPath: hall.remote.path)
    try FileManager.default.moveItem(atPath: hall.remote.path + ".away", toPath: hall.remote.path)
  }

  @Test func `what waits to be sent is not collected`() throws {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    try hall.publish("two", on: "left")
    let left = try hall.robot("left")
    try away(hall)
    #expect(throws: RegistryError.self) { _ = try left.push("robot_001_v1") }
    let refused = #expect(throws: RegistryError.self) { _ = try left.uninstall("robot_001_v1") }
    #expect(refused?.code == .refused && refused?.message.contains("waits to be sent") == true)
    let collected = try left.collect(CollectionPolicy(keep: 1))
    #expect(collected.removedVersions.isEmpty && collected.kept.count == 1)
    try back(hall)
    #expect(try left.sync().pushed.map(\.number) == [1])
    #expect(try left.collect(CollectionPolicy(keep: 1)).removedVersions.map(\.number) == [1])
  }

  @Test func `an empty mount point is not the remote, and takes nothing`() throws {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    let left = try hall.robot("left")
    try away(hall)
    try FileManager.default.createDirectory(atPath: hall.remote.path, withIntermediateDirectories: true)
    for attempt in [{ _ = try left.push("robot_001_v1") }, { _ = try left.sync() }] {
      let error = #expect(throws: RegistryError.self) { try attempt() }
      #expect(error?.code == .remote && error?.message.contains("not the one that was set") == true)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: hall.remote.path).isEmpty)
    #expect(try left.remote()?.waiting.count == 1)
    try back(hall)
    #expect(try left.sync().pushed.map(\.number) == [1])
  }

  @Test func `one version that can't be sent holds up nothing else`() throws {
    let hall = try Hall()
    let fixture = try hall.fixture("left")
    let archive = try fixture.archive("week-1", episodes: ["ep-1"])
    try hall.publish("mine", on: "left", as: "bad") { $0.archives = [archive] }
    try hall.publish("fine", on: "left", as: "good")
    try hall.publish("theirs", on: "right", as: "other")
    _ = try hall.robot("right").push("other_v1")
    let left = try hall.robot("left")
    try away(hall)
    for name in ["bad_v1", "good_v1"] as [Reference] {
      #expect(throws: RegistryError.self) { _ = try left.push(name) }
    }
    try back(hall)
    // A document that travels with the version is damaged.
    let manifest = try left.show("bad_v1").1
    let digest = try #require(manifest.archives.first?.manifest)
    let blob = "\(fixture.root)/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
    let size = try Data(contentsOf: URL(filePath: blob)).count
    chmod(blob, 0o644)
    try Data(repeating: 0x20, count: size).write(to: URL(filePath: blob))
    let round = try left.sync()
    #expect(round.pushed.map(\.description) == ["good_v1"])
    #expect(round.fetched.map(\.description) == ["other_v1"])
    #expect(round.problems.count == 1 && round.problems[0].hasPrefix("bad_v1: "))
    #expect(try left.remote()?.waiting.map(\.version.description) == ["bad_v1"])
    // Nothing wrong was sent under its digest.
    #expect(!FileManager.default.fileExists(atPath: hall.path("blobs/sha256/\(digest.hex)")))
  }

  @Test func `a number that somebody else took is told until it is settled, and not tried again`() throws {
    let hall = try Hall()
    try hall.publish("mine", on: "left")
    try hall.publish("theirs", on: "right")
    let left = try hall.robot("left")
    try away(hall)
    #expect(throws: RegistryError.self) { _ = try left.push("robot_001_v1") }
    try back(hall)
    _ = try hall.robot("right").push("robot_001_v1")
    #expect(try left.sync().conflicts.count >= 1)
    let state = try #require(try left.remote())
    #expect(state.waiting.isEmpty && state.problems.count == 1)
    _ = try left.sync()
    #expect(try left.status().problems.contains { $0.contains("robot_001_v1 was not sent") })
    _ = try left.uninstall("robot_001_v1")
    #expect(try left.remote()?.problems.isEmpty == true)
  }

  @Test func `a name that somebody claimed and never published is told, with a way out`() throws {
    let hall = try Hall()
    try hall.publish("mine", on: "left")
    try hall.remote.write("adapters/robot_001_v1/checksum.sha256", "another version's\n")
    let error = #expect(throws: RegistryError.self) { _ = try hall.robot("left").push("robot_001_v1") }
    #expect(error?.code == .refused && error?.hint.contains("publish --from") == true)
  }
}
