import CloudSimulator
import Foundation
import RegistryModel
import TestSupport
import Testing

/// Many robots at once on one remote. Sixteen in `tools/benchmarks`; fewer here.
@Suite("A crowd on one remote", .serialized) struct CrowdTests {
  private static let robots = 6

  @Test(arguments: [false, true]) func `nothing is lost, one wins each number, channels move one at a time`(
    _ isBucket: Bool
  ) throws {
    let bench = try CloudBench()
    let folder = try Scratch("crowd")
    let stores = try (0..<Self.robots).map { number in
      let store = try bench.store("robot-\(number)")
      if !isBucket { try store.run("remote", "set", "file://\(folder.path)") }
      // All take v1 of one line, and each has a line of its own.
      try store.run("publish", "shared", store.store.source("shared-\(number)"))
      try store.run("publish", "own_\(number)", store.store.source("own-\(number)"))
      return store
    }
    let pushes = try stores.enumerated().map { number, store in
      (try store.start("push", "shared_v1"), try store.start("push", "own_\(number)_v1"))
    }
    var winners = 0
    for (shared, own) in pushes {
      let outcome = try shared.wait()
      #expect(outcome.code == 0 || outcome.code == 4, "\(outcome.err)")
      if outcome.code == 0 { winners += 1 }
      let other = try own.wait()
      #expect(other.code == 0, "\(other.err)")
    }
    #expect(winners == 1)
    let syncs = try stores.map { try $0.start("sync") }
    for sync in syncs {
      let outcome = try sync.wait()
      #expect(outcome.code == 0, "\(outcome.err)")
    }
    for store in stores {
      let versions = try store.json("list")["versions"]?.asArray?.count
      #expect(versions == Self.robots + 1)
      try store.run("verify", "-q")
    }
    // Half of them wants one version and half another: each number of the channel means one version, everywhere.
    try stores[0].run("publish", "own_0", stores[0].store.source("own-0-again"))
    try stores[0].run("push", "own_0_v2")
    for store in stores { try store.run("sync") }
    let moves = try stores.enumerated().map { number, store in
      try store.start("channel", "set", "best", "own_0_v\(1 + number % 2)", "--reason", "by \(number)")
    }
    for move in moves {
      let outcome = try move.wait()
      #expect(outcome.code == 0, "\(outcome.err)")
    }
    for store in stores { try store.run("sync") }
    let object = isBucket ? try bench.channel("own_0/best") : try folder.json("channels/own_0/best.json")
    let last = try #require(object["version"]?.asString)
    #expect((object["seq"]?.asInt ?? 0) >= 2)
    for store in stores {
      let now = try store.json("channel", "list")["channels"]?.asArray?.first?["version"]?.asString
      #expect(now == last)
    }
  }

  @Test func `several commands of one robot bring the same version at once`() throws {
    let bench = try CloudBench()
    let left = try bench.store("left")
    try left.run("publish", "robot_001", left.store.source("one"))
    try left.run("push", "robot_001_v1")
    let right = try bench.store("right")
    let children = try (0..<4).map { _ in try right.start("install", "robot_001_v1") }
    for child in children {
      let outcome = try child.wait()
      #expect(outcome.code == 0, "\(outcome.err)")
    }
    try right.store.expectSound()
    try right.run("verify", "-q")
  }
}

extension Scratch {
  fileprivate func json(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: [UInt8](Data(contentsOf: URL(filePath: self(name)))))
  }
}

extension CloudBench {
  fileprivate func channel(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: simulator.state.bytes(of: "models/channels/\(name).json", in: "test-models"))
  }
}
