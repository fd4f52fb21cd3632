import ModelRegistry
import Testing

@Suite struct `modelctl list, show and files` {
  @Test func `list shows what is known and in which state`() throws {
    let store = try CommandStore.ready()
    try store.ctl("pin", "robot_001_v3")
    try store.ctl("uninstall", "robot_001_v2")
    let document = try store.json("list")
    Shape.list.check(document)
    let versions = try #require(document["versions"]?.asArray)
    #expect(versions.map { $0["number"]?.asInt } == [1, 2, 3])
    #expect(versions.map { $0["active"]?.asBool } == [true, false, false])
    #expect(versions.map { $0["installed"]?.asBool } == [true, false, true])
    #expect(versions.map { $0["pinned"]?.asBool } == [false, false, true])
    let lines = try store.ctl("list").out.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0].split(separator: " ") == ["VERSION", "SIZE", "CREATED", "STATE", "DIGEST"])
    #expect(lines[1].contains("  active  "))
    #expect(lines[2].contains("  known  "))
    #expect(lines[3].contains("  installed, pinned  "))
    #expect(try store.ctl("list", "-q", "robot_001").out == "robot_001_v1\nrobot_001_v2\nrobot_001_v3\n")
  }

  @Test func `an empty list is an answer`() throws {
    let store = try CommandStore()
    try store.ctl("init")
    #expect(try store.ctl("list").out == "no versions\n")
    #expect(try store.ctl("list", "-q").out == "")
    let document = try store.json("list", "robot_001")
    Shape.list.check(document)
    #expect(document["versions"]?.asArray == [])
    #expect(document["next"]?.isNull == true)
  }

  @Test func `pages go on where the last one ended`() throws {
    let store = try CommandStore.ready()
    var seen: [String] = []
    var after: [String] = []
    for page in 1...3 {
      let outcome = try store.run(["list", "--limit", "1", "--json"] + after)
      let document = try document(outcome.out)
      Shape.list.check(document)
      seen += document["versions"]?.asArray?.compactMap { $0["version"]?.asString } ?? []
      #expect((document["next"]?.asString == nil) == (page == 3))
      after = ["--after", document["next"]?.asString ?? ""]
    }
    #expect(seen == ["robot_001_v1", "robot_001_v2", "robot_001_v3"])
    #expect(try store.ctl("list", "--limit", "2").out.hasSuffix("\nmore: --after robot_001_v2\n"))
    try store.failure("list", "--limit", "0", code: 64, "usage")
    try store.failure("list", "--limit", "many", code: 64, "usage")
    try store.failure("list", "--after", "nonsense", code: 64, "usage")
    let files = try store.json("files", "robot_001_v1", "--limit", "1")
    Shape.files.check(files)
    #expect(files["next"]?.asString == "config/model_config.json")
    let rest = try store.json("files", "robot_001_v1", "--after", "config/model_config.json")
    #expect(rest["files"]?.asArray?.map { $0["path"]?.asString } == ["lora_adapters.npz"])
    #expect(rest["next"]?.isNull == true)
  }

  @Test func `files lists paths, sizes and digests`() throws {
    let store = try CommandStore.ready()
    let document = try store.json("files", "robot_001_v1")
    Shape.files.check(document)
    #expect(document["version"]?.asString == "robot_001_v1")
    #expect(document["files"]?.asArray?.map { $0["bytes"]?.asInt } == [10, 14])
    let names = try store.ctl("files", "robot_001_v1", "-q").out
    #expect(names == "config/model_config.json\nlora_adapters.npz\n")
    let lines = try store.ctl("files", "robot_001_v1").out.split(separator: "\n")
    #expect(lines[0].split(separator: " ") == ["SIZE", "DIGEST", "PATH"])
    #expect(lines[1].hasPrefix("10 B  sha256:"))
  }

  @Test(arguments: [
    "robot_001_v1", "robot_001:v1", "robot_001:1", "adapters/robot_001_v1", "robot_001@active",
    "models:/robot_001/1",
    "digest", "short digest", "adapter and digest",
  ]) func `every kind of reference names the same version`(_ text: String) throws {
    let store = try CommandStore.ready()
    var reference = text
    if text.hasSuffix("digest") {
      let digest = try #require(store.json("show", "robot_001_v1")["digest"]?.asString)
      reference =
        text == "digest" ? digest : text == "short digest" ? "\(digest.prefix(19))" : "robot_001@\(digest)"
    }
    let shown = try store.json("show", reference)
    Shape.shown.check(shown)
    #expect(shown["version"]?.asString == "robot_001_v1")
  }

  @Test func `what is no reference, or names nothing, is told apart`() throws {
    let store = try CommandStore.ready()
    let bare = try store.failure("show", "robot_001", code: 64, "usage")
    #expect(bare.hint.contains("robot_001_v1, robot_001@active or robot_001@latest"))
    try store.failure("show", "sha256:0123", code: 64, "usage")
    try store.failure("show", "sha256:0123456789ab", code: 3, "not_found")
    try store.failure("show", "robot_001_v9", code: 3, "not_found")
    try store.failure("show", "robot_001@previous", code: 3, "not_found")
    try store.failure("show", "robot_001@stable", code: 3, "not_found")
    try store.failure("show", "robot_001_v04", code: 64, "usage")
    #expect(try store.json("show", "robot_001@latest")["number"]?.asInt == 3)
  }
}
