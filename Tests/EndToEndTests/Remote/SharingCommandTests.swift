import CloudSimulator
import Foundation
import RegistryModel
import TestSupport
import Testing

@Suite("Commands that share versions") struct SharingCommandTests {
  @Test func `one robot pushes, another syncs, installs and activates`() throws {
    let bench = try CloudBench()
    let left = try bench.store("left")
    let right = try bench.store("right")
    try left.run("publish", "robot_001", left.store.source("one"))
    try left.run(
      "publish", "robot_001", left.store.source("two"), "--base", "robot_001_v1", "--metric", "loss=0.25")
    #expect(
      try left.run("push", "robot_001_v1", "robot_001_v2", "--plain", "-q").out
        == "robot_001_v1\nrobot_001_v2\n")
    try left.run("channel", "set", "stable", "robot_001_v2", "--reason", "passed the rig")
    let round = try right.json("sync")
    #expect(round["fetched_versions"]?.asInt == 2 && round["pushed_versions"]?.asInt == 0)
    #expect(round["conflicts"]?.asInt == 0 && (round["requests"]?.asInt ?? 0) > 0)
    #expect((round["bytes_in"]?.asInt ?? 0) > 0)
    try right.run("install", "robot_001@stable")
    for command in [["show"], ["files"], ["lineage"]] {
      let mine = try left.store.run(command + ["robot_001_v2", "--json"], with: left.variables).out
      let theirs = try right.store.run(command + ["robot_001_v2", "--json"], with: right.variables).out
      #expect(mine == theirs)
    }
    try right.run("activate", "robot_001@stable")
    #expect(try right.json("status")["remote"]?["uri"]?.asString == bench.uri)
    let names = bench.simulator.state.objects(in: "test-models").map(\.name)
    #expect(names.contains("models/adapters/robot_001_v2/lora_adapters.npz"))
    #expect(names.contains("models/channels/robot_001/stable.json"))
  }

  @Test func `a quiet sync that can't bring a version says so all the same`() throws {
    let bench = try CloudBench()
    let left = try bench.store("left")
    let right = try bench.store("right")
    try left.store.scratch.write("shared/readme", "x")
    for robot in [left, right] { try robot.run("remote", "set", "file://\(left.store.scratch("shared"))") }
    try left.run("publish", "robot_001", left.store.source("one"))
    try left.run("push", "robot_001_v1")
    let manifest = left.store.scratch("shared/adapters/robot_001_v1/manifest.json")
    try FileManager.default.removeItem(atPath: manifest)
    try Data("no manifest".utf8).write(to: URL(filePath: manifest))
    let outcome = try right.run("sync", "--quiet", code: 5)
    #expect(outcome.err.contains("robot_001_v1"), "\(outcome.err)")
  }

  @Test func `without the network an error says what waits, and sync sends it`() throws {
    let bench = try CloudBench()
    let left = try bench.store("left")
    try left.run("publish", "robot_001", left.store.source("one"))
    try left.store.scratch.write("gone/readme", "x")
    try left.run("remote", "set", "file://\(left.store.scratch("gone"))")
    try FileManager.default.removeItem(atPath: left.store.scratch("gone"))
    let outcome = try left.run("push", "robot_001_v1", code: 7)
    #expect(outcome.err.contains("waits to be sent"))
    try left.run("channel", "set", "stable", "robot_001_v1", code: 7)
    try left.run("activate", "robot_001_v1")
    #expect(try left.run("status").out.contains("1 version waiting to be sent"))
    // It was meant for that remote, and no other.
    try left.run("remote", "set", bench.uri)
    #expect(try left.json("sync")["pushed_versions"]?.asInt == 0)
    #expect(try left.run("status").out.contains("robot_001_v1 waits to be sent to file://"))
    try left.run("push", "robot_001_v1")
    #expect(try !left.run("status").out.contains("waits to be sent"))
  }

  @Test
  func `sync --watch brings what comes, rides out a network that goes away, and ends when it is told to`()
    throws
  {
    let bench = try CloudBench()
    let left = try bench.store("left")
    let right = try bench.store("right")
    let watching = try right.start("sync", "--watch", "--json")
    func waitUntil(_ version: String) throws {
      let end = Date(timeIntervalSinceNow: 60)
      while try !right.run("list", "-q").out.contains(version) {
        try #require(Date() < end, "\(version) didn't come")
        usleep(50_000)
      }
    }
    try left.run("publish", "robot_001", left.store.source("one"))
    try left.run("push", "robot_001_v1")
    try waitUntil("robot_001_v1")
    bench.simulator.faults.add(Fault(.dropResponse, on: .list, times: 3))
    bench.simulator.closeConnections()
    try left.run("publish", "robot_001", left.store.source("two"))
    try left.run("push", "robot_001_v2")
    try waitUntil("robot_001_v2")
    watching.signal(SIGTERM)
    let outcome = try watching.wait()
    #expect(outcome.signal == SIGTERM || outcome.code == 143)
    for line in outcome.out.split(separator: "\n") {
      #expect(try JSONValue(parsing: Array(line.utf8))["requests"] != nil)
    }
  }

  @Test func `a bundle carries versions without a network`() throws {
    let left = try CommandStore.ready()
    let right = try CommandStore("right")
    let file = left.scratch("stick.tar")
    try left.ctl("channel", "set", "stable", "robot_001_v2")
    try left.ctl("bundle", "create", "robot_001_v1", "robot_001@stable", "-o", file)
    try left.ctl("bundle", "create", "robot_001_v1", "-o", file, code: 4)
    #expect(try right.ctl("bundle", "install", file, "-q").out == "robot_001_v1\nrobot_001_v2\n")
    try right.ctl("activate", "robot_001@stable")
    try right.expectSound()
  }
}
