import Foundation
import Glibc
import ModelRegistry
import Testing
import TestSupport

/// SIGKILL at durable steps of the whole program. Each step of each operation is killed in CrashTests; this shows that
/// the switch MODELCTL_FAULT reaches every call of the program, and that the next command goes on.
@Suite struct `Killed with SIGKILL` {
  static let steps = 6

  @Test func `a publish leaves a store where it is simply run again`() throws {
    for step in try spread(["publish", "robot_001", "SOURCE"]) {
      let store = try CommandStore.ready()
      let source = try store.source("four")
      let outcome = try killed(store, ["publish", "robot_001", source], at: step)
      #expect(outcome.out == "")
      #expect(try store.active() == "robot_001_v1")
      let again = try store.json("publish", "robot_001", source)
      #expect(again["version"]?.asString == "robot_001_v4", "step \(step)")
      #expect(store.exists("versions/robot_001_v4/lora_adapters.npz"))
      #expect(try store.entries("staging") == [])
      try store.expectSound()
    }
  }

  @Test func `an activation leaves the old set or the new one, and the way back`() throws {
    for step in try spread(["activate", "robot_001_v2"]) {
      let store = try CommandStore.ready()
      try killed(store, ["activate", "robot_001_v2"], at: step)
      let path = try store.ctl("active", "--path").out
      let active = try #require(try store.active())
      #expect(["robot_001_v1", "robot_001_v2"].contains(active), "step \(step)")
      #expect(path.hasPrefix("\(store.root)/generations/"))
      #expect(store.exists("active/robot_001/lora_adapters.npz"))
      try store.expectSound()
      try store.ctl("activate", "robot_001_v2")
      #expect(try store.active() == "robot_001_v2", "step \(step)")
      try store.ctl("rollback")
      #expect(try store.active() == "robot_001_v1")
    }
  }

  @Test func `a store in the making is made by the next command`() throws {
    let store = try CommandStore()
    let count = try traced(store, ["init"])
    for step in stride(from: 1, through: count, by: max(1, count / Self.steps)) {
      let store = try CommandStore()
      try killed(store, ["init"], at: step)
      try store.ctl("publish", "robot_001", store.source("one"))
      try store.expectSound()
    }
  }

  @discardableResult
  private func killed(_ store: CommandStore, _ words: [String], at step: Int) throws -> Outcome {
    let outcome = try store.start(words, ["MODELCTL_FAULT": "kill:\(step)"]).wait()
    #expect(outcome.signal == SIGKILL, "step \(step): \(outcome.out)\(outcome.err)")
    return outcome
  }

  /// A few steps of an operation, from its first to its last.
  private func spread(_ words: [String]) throws -> [Int] {
    let store = try CommandStore.ready()
    let source = try store.source("four")
    let count = try traced(store, words.map { $0 == "SOURCE" ? source : $0 })
    #expect(count > Self.steps)
    let inner = stride(from: 1, to: count, by: max(1, (count - 1) / (Self.steps - 1)))
    return inner + [count]
  }

  /// How many durable steps a command makes.
  private func traced(_ store: CommandStore, _ words: [String]) throws -> Int {
    let trace = store.scratch("steps")
    try store.run(words, with: ["MODELCTL_FAULT": "trace:\(trace)"])
    return try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").count
  }
}
