import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// Channels' objects that say what they shouldn't.
@Suite struct ChannelFollowingTests {
  private let stable: ChannelName
  init() throws { stable = try ChannelName(parsing: "stable") }

  private func object(
    _ adapter: String, _ version: String, _ digest: Digest, seq: Int64 = 5
  ) throws -> [UInt8] {
    RemoteChannel(
      ChannelSetting(
        adapter: try AdapterName(parsing: adapter), name: stable, seq: seq,
        version: try VersionID(parsing: version), digest: digest, at: Timestamp(milliseconds: 0), by: "x",
        reason: nil)
    ).bytes
  }

  @Test func `one adapter's object moves no other's channel`() throws {
    let hall = try Hall()
    let left = try hall.robot("left")
    var digests: [Digest] = []
    for adapter in ["robot_a", "robot_b"] {
      digests.append(try hall.publish(adapter, on: "left", as: adapter).digest)
      _ = try left.push(.version(VersionID(parsing: "\(adapter)_v1")))
    }
    try hall.remote.write("channels/robot_a/stable.json", object("robot_a", "robot_a_v1", digests[1]))
    let round = try hall.robot("right").sync()
    #expect(round.channels.isEmpty && round.problems.count == 1)
    #expect(try hall.robot("right").channels().items.isEmpty)
  }

  @Test func `an object that is older than what was followed moves nothing back`() throws {
    let hall = try Hall()
    let left = try hall.robot("left")
    for content in ["one", "two"] { _ = try left.push(.version(hall.publish(content, on: "left").version)) }
    try left.setChannel(stable, to: "robot_001_v1")
    let path = hall.path("channels/robot_001/stable.json")
    let old = try Data(contentsOf: URL(filePath: path))
    let date = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
    try left.setChannel(stable, to: "robot_001_v2")
    let right = try hall.robot("right")
    _ = try right.sync()
    try old.write(to: URL(filePath: path))
    try FileManager.default.setAttributes(
      [.modificationDate: try #require(date)], ofItemAtPath: path)
    _ = try right.sync()
    #expect(try right.channels().items.map(\.version.number) == [2])
  }

  @Test(arguments: ["", "not JSON"])
  func `an object that can't be read is replaced by whoever sets the channel`(
    _ text: String
  ) throws {
    let hall = try Hall()
    let left = try hall.robot("left")
    for content in ["one", "two"] { _ = try left.push(.version(hall.publish(content, on: "left").version)) }
    try left.setChannel(stable, to: "robot_001_v1")
    try hall.remote.write("channels/robot_001/stable.json", text)
    let round = try hall.robot("right").sync()
    #expect(round.problems.count == 1 && round.problems[0].contains("channels/robot_001/stable.json"))
    try left.setChannel(stable, to: "robot_001_v2")
    _ = try hall.robot("right").sync()
    #expect(try hall.robot("right").channels().items.map(\.version.number) == [2])
  }

  @Test func `a number that nobody can count on from stops nobody`() throws {
    let hall = try Hall()
    let left = try hall.robot("left")
    let digest = try hall.publish("one", on: "left").digest
    _ = try left.push("robot_001_v1")
    let last = JSONValue.safeIntegers.upperBound
    try hall.remote.write(
      "channels/robot_001/stable.json", object("robot_001", "robot_001_v1", digest, seq: last))
    try hall.remote.write(
      "robots/left.json",
      Array(
        "{\"robot\":\"left\",\"seq\":\(last),\"active\":null,\"installed\":[],\"audit\":null,\"reported_at\":\"2026-01-01T00:00:00.000Z\"}"
          .utf8))
    _ = try left.sync()
    try left.setChannel(stable, to: "robot_001_v1")
    _ = try left.sync()
    let report = try JSONValue(
      parsing: [UInt8](Data(contentsOf: URL(filePath: hall.path("robots/left.json")))))
    #expect(report["seq"]?.asInt ?? last < 10)
  }
}
