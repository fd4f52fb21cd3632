import ModelRegistry
import TestSupport
import Testing

@Suite struct `modelctl show and diff, of files of weights` {
  /// v1 and v2 with real weights; v2 has a pickle besides.
  private func store() throws -> CommandStore {
    let store = try CommandStore()
    for (content, last) in [("one", Float(3)), ("two", 3.5)] {
      let arrays = [Weights.Array("lora_A", [1, 2]), Weights.Array("lora_B", [last])]
      try store.scratch.write("\(content)/adapter.safetensors", Weights.safetensors(arrays))
    }
    try store.scratch.write("two/head.pkl", [0x80, 4, 0x4e, 0x2e])
    try store.ctl("publish", "robot_001", store.scratch("one"), "--metric", "final_loss=0.5")
    try store.ctl("publish", "robot_001", store.scratch("two"), "--metric", "final_loss=0.25")
    return store
  }

  @Test func `show lists tensors and formats, and warns of what runs code`() throws {
    let store = try store()
    let document = try store.json("show", "robot_001_v2")
    Shape.shown.check(document)
    let tensors = try #require(document["tensors"]?.asArray)
    #expect(
      tensors.first == [
        "file": "adapter.safetensors", "name": "lora_A", "dtype": "F32", "shape": [2], "bytes": 8,
      ])
    #expect(tensors.count == 2)
    #expect(document["formats"]?.asArray?.map { $0["format"]?.asString } == ["safetensors", "pickle"])
    #expect(document["formats"]?.asArray?.map { $0["runs_code"]?.asBool } == [false, true])
    let text = try store.ctl("show", "robot_001_v2")
    #expect(text.err.hasPrefix("warning: loading head.pkl can run code that stands in it"))
    #expect(text.out.contains("\nformat    adapter.safetensors: safetensors, 2 tensors\n"))
    let lines = text.out.split(separator: "\n")
    #expect(lines.suffix(3).map { $0.split(separator: " ").first } == ["TENSOR", "lora_A", "lora_B"])
    #expect(try store.ctl("show", "robot_001_v1").err == "")
  }

  @Test func `a malformed file is a problem that show tells`() throws {
    let store = try CommandStore.ready()
    let document = try store.json("show", "robot_001_v1")
    Shape.shown.check(document)
    #expect(document["tensors"]?.asArray == [])
    #expect(document["formats"]?.asArray?.map { $0["problem"]?.asString } == [nil, "it is no zip"])
    #expect(
      try store.ctl("show", "robot_001_v1").out.contains("\nproblem   lora_adapters.npz: it is no zip\n"))
  }

  @Test func `long lists of tensors are cut in the text alone`() throws {
    let store = try CommandStore()
    let arrays = (10..<35).map { Weights.Array("t\($0)", [1]) }
    try store.scratch.write("one/w.safetensors", Weights.safetensors(arrays))
    try store.ctl("publish", "robot_001", store.scratch("one"))
    let text = try store.ctl("show", "robot_001_v1").out
    #expect(text.contains("\nt29 ") && !text.contains("\nt30 "))
    #expect(text.hasSuffix("\n… 5 more, --json has all\n"))
    #expect(try store.json("show", "robot_001_v1")["tensors"]?.asArray?.count == 25)
  }

  @Test func `diff tells files, metadata and tensors`() throws {
    let store = try store()
    let document = try store.json("diff", "robot_001_v1", "robot_001@latest")
    Shape.diffed.check(document)
    #expect(document["from"]?.asString == "robot_001_v1" && document["to"]?.asString == "robot_001_v2")
    #expect(document["files"]?["added"]?.asArray?.map { $0["path"]?.asString } == ["head.pkl"])
    #expect(document["files"]?["removed"]?.asArray == [])
    #expect(document["files"]?["changed"]?.asArray?.map { $0["path"]?.asString } == ["adapter.safetensors"])
    #expect(document["metadata"]?["metrics"] == ["from": ["final_loss": 0.5], "to": ["final_loss": 0.25]])
    #expect(document["metadata"]?["files"] == nil && document["metadata"]?["schema"] == nil)
    let changed = try #require(document["tensors"]?["changed"]?.asArray)
    #expect(changed.map { $0["name"]?.asString } == ["lora_B"])
    #expect(changed.first?["max_difference"]?.asDouble == 0.5)
    #expect(document["tensors"]?["unchanged"]?.asInt == 1)
    let back = try store.json("diff", "robot_001_v2", "robot_001_v1")
    Shape.diffed.check(back)
    #expect(back["files"]?["removed"]?.asArray?.count == 1)
  }

  @Test func `diff is a table for people`() throws {
    let store = try store()
    let text = try store.ctl("diff", "robot_001_v1", "robot_001_v2").out
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "robot_001_v1 → robot_001_v2")
    #expect(lines.contains { $0.hasPrefix("+  head.pkl ") })
    #expect(lines.contains { $0.split(separator: " ") == ["metrics.final_loss", "0.5", "0.25"] })
    #expect(
      lines.contains {
        $0.split(separator: " ") == ["~", "lora_B", "F32", "[1]", "F32", "[1]", "0.5", "adapter.safetensors"]
      })
    #expect(text.hasSuffix("\n1 tensor of changed files is the same\n"))
    #expect(
      try store.ctl("diff", "-q", "robot_001_v1", "robot_001_v2").out == "adapter.safetensors\nhead.pkl\n")
  }

  @Test func `a version does not differ from itself, and what is unknown is not found`() throws {
    let store = try CommandStore.ready()
    let document = try store.json("diff", "robot_001_v1", "robot_001@active")
    Shape.diffed.check(document)
    #expect(document["metadata"] == [:])
    #expect(
      try store.ctl("diff", "robot_001_v1", "robot_001_v1").out
        == "robot_001_v1 and robot_001_v1 do not differ\n")
    #expect(try store.ctl("diff", "-q", "robot_001_v1", "robot_001_v1").out == "")
    try store.failure("diff", "robot_001_v1", "robot_001_v9", code: 3, "not_found")
    try store.failure("diff", "robot_001_v1", code: 64, "usage")
  }

  @Test func `bytes that are gone are a problem of diff, and no failure`() throws {
    let store = try CommandStore.ready()
    try store.ctl("uninstall", "robot_001_v2")
    try store.ctl("gc")
    let document = try store.json("diff", "robot_001_v1", "robot_001_v2")
    Shape.diffed.check(document)
    let problems = document["files"]?["changed"]?.asArray?.map { $0["problem"]?.asString ?? "" }
    #expect(problems?.count == 1 && problems?.first?.contains("it is no zip") == true)
    #expect(try store.ctl("diff", "robot_001_v1", "robot_001_v2").out.contains("tensors were not compared"))
    let shown = try store.json("show", "robot_001_v2")
    #expect(shown["formats"]?.asArray?.last?["problem"]?.asString == "its bytes are not here")
  }
}
