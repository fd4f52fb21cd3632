import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct `modelctl channel, evaluate, publish --from, backup, restore and rebuild` {
  @Test func `a channel is set, listed, followed and remembered`() throws {
    let store = try CommandStore.ready()
    let set = try store.json("channel", "set", "stable", "robot_001_v2", "--reason", "passed the rig")
    Shape.channels.check(set)
    #expect(
      try store.ctl("channel", "set", "stable", "robot_001_v3").out
        == "robot_001@stable names robot_001_v3, after robot_001_v2\n")
    let list = try store.json("channel", "list", "robot_001")
    Shape.channels.check(list)
    #expect(list["channels"]?.asArray?.first?["version"]?.asString == "robot_001_v3")
    let history = try store.json("channel", "history", "robot_001@stable", "--limit", "1")
    Shape.channels.check(history)
    #expect(history["next"]?.asString == "2")
    #expect(
      try store.ctl("channel", "history", "robot_001@stable", "-q", "--after", "2").out == "robot_001_v2\n")
    #expect(try store.json("show", "robot_001@stable")["version"]?.asString == "robot_001_v3")
    #expect(try store.ctl("list").out.contains("installed, @stable"))
    try store.failure("channel", "history", "robot_001@beta", code: 3, "not_found")
    try store.failure("channel", "history", "robot_001", code: 64, "usage")
    try store.failure("channel", "set", "latest", "robot_001_v1", code: 64, "usage")
    try store.failure("uninstall", "robot_001@stable", code: 4, "refused")
  }

  @Test func `an evaluation is attached once`() throws {
    let store = try CommandStore.ready()
    let file = try store.scratch.write("result.json", "{\"success\":0.9}")
    let first = try store.json("evaluate", "robot_001_v2", "--result", file, "--by", "rig 2")
    Shape.evaluated.check(first)
    #expect(first["existing"]?.asBool == false && first["by"]?.asString == "rig 2")
    let second = try store.json("evaluate", "robot_001_v2", "--result", file)
    #expect(second["existing"]?.asBool == true && second["at"] == first["at"])
    try store.failure(
      "evaluate", "robot_001_v2", "--result", store.scratch.write("bad.json", "[]"), code: 5, "integrity")
    try store.expectSound()
  }

  @Test func `content gets a new number, and a channel with it`() throws {
    let store = try CommandStore.ready()
    let result = try store.json("publish", "--from", "robot_001_v1", "--channel", "stable")
    Shape.published.check(result)
    #expect(result["version"]?.asString == "robot_001_v4" && result["existing"]?.asBool == false)
    #expect(try store.json("show", "robot_001@stable")["number"]?.asInt == 4)
    try store.ctl("publish", "robot_001", store.source("new"), "--channel", "stable")
    #expect(try store.json("show", "robot_001@stable")["number"]?.asInt == 5)
    try store.failure("publish", "--from", "robot_001_v1", "--version", "2", code: 4, "refused")
    try store.failure("publish", "--from", "robot_001_v1", "--note", "x", code: 64, "usage")
    try store.failure("publish", "robot_001", code: 64, "usage")
    try store.expectSound()
  }

  @Test func `the index is removed and made again: what the commands print is as before`() throws {
    let store = try CommandStore.onTrial()
    try store.ctl("confirm")
    try store.ctl("channel", "set", "stable", "robot_001_v2", "--reason", "night run")
    try store.ctl("channel", "set", "stable", "robot_001_v1")
    try store.ctl("pin", "robot_001_v3")
    try store.ctl("evaluate", "robot_001_v2", "--result", store.scratch.write("r.json", "{}"), "--by", "rig")
    try store.ctl("publish", "robot_001", store.source("four"), "--base", "robot_001_v2", "--job", "job_1")
    try store.ctl("activate", "robot_001_v4")
    try store.ctl("health", "--fault", "gripper oscillates")
    let questions = [
      ["list"], ["show", "robot_001_v1"], ["show", "robot_001_v4"], ["files", "robot_001_v4"], ["active"],
      ["status"], ["channel", "list"], ["channel", "history", "robot_001@stable"], ["rollback", "--dry-run"],
    ]
    func answers() throws -> [String] {
      try questions.map { try store.run($0 + ["--json"]).out.replacing(/"free_bytes":[0-9]+/, with: "") }
    }
    let before = try answers()
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      try FileManager.default.removeItem(atPath: "\(store.root)/\(name)")
    }
    #expect(try store.failure("list", code: 5, "integrity").hint.contains("modelctl rebuild"))
    let result = try store.json("rebuild")
    Shape.rebuilt.check(result)
    #expect(result["base"]?.asString == "nothing" && result["lost"]?.asArray?.isEmpty == false)
    for (now, then) in try zip(answers(), before) { #expect(now == then) }
    try store.failure("activate", "robot_001_v4", code: 4, "refused")
    try store.expectSound()
  }

  @Test func `a backup is restored, and a sound index needs force`() throws {
    let store = try CommandStore.ready()
    let file = store.scratch("index.backup")
    let backup = try store.json("backup", file)
    Shape.backedUp.check(backup)
    try store.failure("restore", file, code: 4, "refused")
    Shape.rebuilt.check(try store.json("restore", file, "--force"))
    try store.failure("restore", store.scratch("none"), "--force", code: 3, "not_found")
    #expect(try store.ctl("backup", file).out.contains("without their bytes"))
    try store.expectSound()
  }
}
