import ModelRegistry
import TestSupport
import Testing

@Suite struct `modelctl lineage and impact` {
  private func store() throws -> CommandStore {
    let store = try CommandStore.ready()
    let digit = String(repeating: "a", count: 64)
    let archive = try store.scratch.write(
      "day1.json", #"{"archive":"\#(digit)","episodes":[{"id":"ep_1","sha256":"\#(digit)"}]}"#)
    try store.ctl("publish", "robot_001", store.source("four"), "--archive", archive, "--job", "job_1")
    try store.ctl("publish", "robot_001", store.source("five"), "--base", "robot_001_v4")
    return store
  }

  @Test func `lineage is a tree for people, JSON for programs, and DOT for Graphviz`() throws {
    let store = try store()
    Shape.lineage.check(try store.json("lineage", "robot_001_v5"))
    #expect(try store.ctl("lineage", "robot_001_v5", "--format", "json").out.hasPrefix("{\"edges\":["))
    let tree = try store.ctl("lineage", "robot_001_v5", "--up").out
    #expect(tree.contains("base       robot_001_v4") && tree.contains("job        job_1"))
    #expect(try store.ctl("lineage", "ep_1", "--down", "-q").out.contains("robot_001_v5\n"))
    let dot = try store.ctl("lineage", "robot_001_v5", "--format", "dot").out
    #expect(dot.hasPrefix("digraph lineage {") && dot.contains("-> \"version robot_001_v5\""))
    #expect(try store.ctl("lineage", "robot_001_v5", "--depth", "1").out.contains("there is more"))
    try store.failure("lineage", "nobody", code: 3, "not_found")
    try store.failure("lineage", "robot_001_v5", "--depth", "-1", code: 64, "usage")
    try store.failure("lineage", "robot_001_v5", "--format", "xml", code: 64, "usage")
  }

  @Test func `impact pages through what descends from an episode`() throws {
    let store = try store()
    let page = try store.json("impact", "ep_1", "--limit", "1")
    Shape.impact.check(page)
    #expect(page["next"]?.asString == "robot_001_v4")
    #expect(try store.ctl("impact", "ep_1", "-q", "--after", "robot_001_v4").out == "robot_001_v5\n")
    #expect(try store.ctl("impact", "ep_1").out.contains("1 base"))
    try store.failure("impact", "ep_2", code: 3, "not_found")
    try store.failure("impact", "robot_001_v4", code: 64, "usage")
  }
}
