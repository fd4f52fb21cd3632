import CloudSimulator
import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// The fault script between a robot and its bucket: what goes wrong once is gone through, what stays wrong is said, and what
/// is here stays as it was.
@Suite struct FaultedSharingTests {
  /// A fault that a push or a sync gets through by itself.
  static let passing: [(name: String, fault: Fault)] = [
    ("a list answered 503", Fault(.answer(FaultAnswer(503, retryAfterSeconds: 0)), on: .list)),
    ("a read answered 429", Fault(.answer(FaultAnswer(429, retryAfterSeconds: 0)), on: .get)),
    (
      "the manifest's creation answered 502 although it was done",
      Fault(
        .doThenAnswer(FaultAnswer(502, retryAfterSeconds: 0)), on: .insertMultipart,
        pathContains: "manifest.json")
    ),
    ("a creation whose answer is lost", Fault(.dropResponse, on: .insertMultipart, skip: 1)),
    ("a body that breaks on its way up", Fault(.closeRequest(afterBytes: 10), on: .insertMultipart)),
    ("a body that breaks on its way down", Fault(.closeResponse(afterBytes: 5), on: .media)),
  ]

  @Test(arguments: passing.indices) func `what goes wrong once is gone through`(_ number: Int) throws {
    let faults = FaultScript()
    let cloud = try SimulatedBucket(faults: faults)
    let hall = try Hall(uri: cloud.uri, opener: cloud.opener)
    try hall.publish("one", on: "left")
    let (left, right) = (try hall.robot("left"), try hall.robot("right"))
    faults.add(Self.passing[number].fault)
    _ = try left.push("robot_001_v1")
    #expect(try right.sync().fetched.count == 1, "\(Self.passing[number].name)")
    #expect(faults.happenedCount == 1, "\(Self.passing[number].name)")
    #expect(try right.verify().damaged.isEmpty)
  }

  @Test(arguments: [
    Fault.Action.corruptResponse(atByte: 3), .wrongLength(byBytes: 7), .endlessBody, .changeObject,
  ]) func `bytes that can't be right are refused, said, and fetched again by the next round`(
    _ action: Fault.Action
  ) throws {
    let faults = FaultScript()
    let cloud = try SimulatedBucket(faults: faults)
    let hall = try Hall(uri: cloud.uri, opener: cloud.opener)
    try hall.publish("one", on: "left")
    _ = try hall.robot("left").push("robot_001_v1")
    let right = try hall.robot("right")
    faults.add(Fault(action, on: .media, pathContains: "sha256"))
    let first = try right.sync()
    #expect(first.fetched.isEmpty && first.problems.count == 1)
    #expect(try right.versions().items.isEmpty)
    let second = try right.sync()
    if case .changeObject = action {
      #expect(second.problems.count == 1)  // it has other bytes now
    } else {
      #expect(second.fetched.count == 1)
    }
  }

  @Test func `bytes that somebody put there with their right checksum are refused by their digest`() throws {
    let cloud = try SimulatedBucket()
    let hall = try Hall(uri: cloud.uri, opener: cloud.opener)
    try hall.publish("one", on: "left")
    _ = try hall.robot("left").push("robot_001_v1")
    let state = cloud.simulator.state
    let blobs = state.objects(in: SimulatedBucket.bucket).map(\.name).filter { $0.contains("blobs/sha256/") }
    for name in blobs { try state.overwriteWithOthers(name, in: SimulatedBucket.bucket) }
    let right = try hall.robot("right")
    let error = #expect(throws: RegistryError.self) { _ = try right.install("robot_001_v1", progress: nil) }
    #expect(error?.code == .integrity)
    #expect(try right.versions().items.isEmpty)
    #expect(try right.sync().problems.count == 1)
  }

  @Test func `a bucket that is missing or forbidden is said, and nothing changes`() throws {
    let faults = FaultScript()
    let cloud = try SimulatedBucket(faults: faults)
    let hall = try Hall(uri: cloud.uri, opener: cloud.opener)
    try hall.publish("one", on: "left")
    let left = try hall.robot("left")
    faults.add(Fault(.answer(FaultAnswer(403, contentType: "application/json", body: "{}")), times: nil))
    let error = #expect(throws: RegistryError.self) { _ = try left.push("robot_001_v1") }
    #expect(error?.code == .permission && error?.unchanged.contains("waits") == true)
    faults.removeAll()
    #expect(try left.sync().pushed.count == 1)
    let elsewhere = try RemoteURI(parsing: "gs://no-such-bucket/models")
    let missing = #expect(throws: RegistryError.self) { try left.setRemote(elsewhere) }
    #expect(missing?.code == .notFound)
    #expect(try left.remote()?.uri == cloud.uri)
  }
}
