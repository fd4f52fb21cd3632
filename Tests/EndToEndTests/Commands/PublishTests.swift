import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct `modelctl publish` {
  @Test func `makes the store, numbers versions and gives equal content the same version`() throws {
    let store = try CommandStore()
    let first = try store.json("publish", "robot_001", store.source("one"))
    Shape.published.check(first)
    #expect(first["version"]?.asString == "robot_001_v1")
    #expect(first["number"]?.asInt == 1)
    #expect(first["existing"]?.asBool == false)
    #expect(first["files"]?.asInt == 2)
    #expect(first["bytes"]?.asInt == 24)
    let again = try store.json("publish", "robot_001", store.source("one"), "--note", "again")
    #expect(again["existing"]?.asBool == true)
    #expect(again["digest"] == first["digest"])
    let second = try store.json("publish", "robot_001", store.source("two"))
    #expect(second["number"]?.asInt == 2)
    #expect(second["reused_bytes"]?.asInt == 10, "config/model_config.json is here already")
  }

  @Test func `says in words what it did`() throws {
    let store = try CommandStore()
    let file = try store.scratch.write("weights.npz", "weights")
    let first = try store.ctl("publish", "robot_001", file).out
    #expect(first.hasPrefix("published robot_001_v1 (sha256:"))
    #expect(first.hasSuffix("): 1 file, 7 B\n"))
    let again = try store.ctl("publish", "robot_001", file).out
    #expect(again.hasPrefix("robot_001_v1 is the same content already"))
    #expect(try store.ctl("publish", "robot_001", store.source("two"), "-q").out == "robot_001_v2\n")
  }

  @Test func `keeps everything that was said of it in the manifest`() throws {
    let store = try CommandStore.ready()
    let archive = "sha256:" + String(repeating: "ab", count: 32)
    try store.ctl(
      "publish", "robot_001", store.source("four"), "--version", "7", "--base", "robot_001@latest", "--job",
      "job-1",
      "--archive", archive, "--metric", "final_loss=0.02", "--metric", "steps=500", "--framework", "jax",
      "--model-type", "lora", "--requires", "os=linux", "--requires", "arch!=mips", "--created-at",
      "2026-01-05T10:15:00.000Z", "--note", "night run")
    let shown = try store.json("show", "robot_001_v7")
    Shape.shown.check(shown)
    #expect(shown["base"]?["version"]?.asString == "robot_001_v3")
    #expect(shown["job"]?["id"]?.asString == "job-1")
    #expect(shown["archives"]?.asArray?.first?["digest"]?.asString == archive)
    #expect(shown["metrics"]?["final_loss"]?.asDouble == 0.02)
    #expect(shown["framework"]?.asString == "jax")
    #expect(shown["model_type"]?.asString == "lora")
    #expect(shown["requires"]?.asArray?.count == 2)
    #expect(shown["created_at"]?.asString == "2026-01-05T10:15:00.000Z")
    #expect(shown["note"]?.asString == "night run")
    let text = try store.ctl("show", "robot_001_v7").out
    for words in ["model     lora, jax", "metric    steps = 500", "note      night run", "job       job-1"] {
      #expect(text.contains(words), "\(text)")
    }
  }

  @Test func `refuses what is no proper content, and makes no version`() throws {
    let store = try CommandStore.ready()
    try store.failure("publish", "Robot", store.source("four"), code: 64, "usage")
    try store.failure("publish", "robot_001", "", code: 64, "usage")
    try store.failure("publish", "robot_001", store.scratch("nothing"), code: 3, "not_found")
    try FileManager.default.createDirectory(atPath: store.scratch("empty"), withIntermediateDirectories: true)
    try store.failure("publish", "robot_001", store.scratch("empty"), code: 64, "usage")
    let taken = try store.failure(
      "publish", "robot_001", store.source("four"), "--version", "2", code: 4, "refused")
    #expect(taken.message.contains("robot_001_v2 is taken by other content"))
    try store.failure("publish", "robot_001", store.source("four"), "--metric", "loss", code: 64, "usage")
    try store.failure("publish", "robot_001", store.source("four"), "--requires", "x", code: 64, "usage")
    try store.failure(
      "publish", "robot_001", store.source("four"), "--base", "robot_9_v1", code: 3, "not_found")
    let linked = try store.source("linked")
    try FileManager.default.createSymbolicLink(
      atPath: "\(linked)/link.npz", withDestinationPath: "/etc/passwd")
    let link = try store.failure("publish", "robot_001", linked, code: 5, "integrity")
    #expect(link.message.contains("link.npz"))
    #expect(try store.ctl("list", "-q").out == "robot_001_v1\nrobot_001_v2\nrobot_001_v3\n")
  }
}
