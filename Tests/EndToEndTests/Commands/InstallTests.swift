import ModelRegistry
import Testing

@Suite struct `modelctl install, uninstall, pin and gc` {
  @Test func `an uninstalled version comes back from the bytes that are here`() throws {
    let store = try CommandStore.ready()
    let gone = try store.json("uninstall", "robot_001_v2")
    Shape.uninstalled.check(gone)
    #expect(gone["freeable_bytes"]?.asInt == 14, "its configuration is shared")
    #expect(!store.exists("versions/robot_001_v2"))
    let back = try store.json("install", "robot_001_v2", "robot_001_v3")
    Shape.installed.check(back)
    #expect(back["versions"]?.asArray?.map { $0["already_installed"]?.asBool } == [false, true])
    #expect(back["versions"]?.asArray?.map { $0["fetched_bytes"]?.asInt } == [0, 0])
    #expect(store.exists("versions/robot_001_v2/lora_adapters.npz"))
    #expect(try store.ctl("install", "robot_001_v2").out == "robot_001_v2 is installed already\n")
    #expect(try store.ctl("install", "-q", "robot_001_v2").out == "robot_001_v2\n")
    try store.expectSound()
  }

  @Test func `what gc collected has to be published again`() throws {
    let store = try CommandStore.ready()
    #expect(try store.ctl("uninstall", "-q", "robot_001_v2").out == "robot_001_v2\n")
    let free = try store.json("gc")
    Shape.collected.check(free)
    #expect(free["freed_bytes"]?.asInt == 14)
    #expect(free["removed_blobs"]?.asInt == 1)
    let missing = try store.failure("install", "robot_001_v2", code: 3, "not_found")
    #expect(missing.hint == "publish the same files again")
    let again = try store.json("publish", "robot_001", store.source("two"))
    #expect(again["existing"]?.asBool == true)
    #expect(store.exists("versions/robot_001_v2"))
    try store.expectSound()
  }

  @Test func `a dry run changes nothing`() throws {
    let store = try CommandStore.ready()
    let before = try store.ctl("audit", "export").out
    let uninstall = try store.json("uninstall", "robot_001_v2", "--dry-run")
    Shape.uninstalled.check(uninstall)
    #expect(uninstall["dry_run"]?.asBool == true)
    #expect(
      try store.ctl("uninstall", "robot_001_v2", "--dry-run").out.hasPrefix("would uninstall robot_001_v2; "))
    let collect = try store.json("gc", "--keep", "0", "--dry-run")
    Shape.collected.check(collect)
    #expect(collect["versions"]?.asArray == ["robot_001_v2", "robot_001_v3"])
    #expect(collect["kept"]?["robot_001_v1"]?.asString?.contains("active") == true)
    #expect(try store.ctl("audit", "export").out == before)
    #expect(try store.entries("versions") == ["robot_001_v1", "robot_001_v2", "robot_001_v3"])
  }

  @Test func `gc takes by number and age, and says what protection kept`() throws {
    let store = try CommandStore.ready()
    #expect(try store.json("gc", "--older-than", "36500d")["removed_versions"]?.asInt == 0)
    let text = try store.ctl("gc", "--keep", "1").out
    #expect(text.contains("removed robot_001_v2\n"))
    #expect(text.contains("kept robot_001_v1: "))
    #expect(text.contains("removed 1 version, 1 blob, 0 generations: 14 B\n"), "\(text)")
    try store.failure("gc", "--keep", "-1", code: 64, "usage")
    try store.failure("gc", "--older-than", "yesterday", code: 64, "usage")
    try store.expectSound()
  }

  @Test func `a pin protects until it is taken away`() throws {
    let store = try CommandStore.ready()
    let pinned = try store.json("pin", "robot_001_v2")
    Shape.pinned.check(pinned)
    #expect(pinned["pinned"]?.asBool == true)
    #expect(try store.ctl("pin", "robot_001_v2").out == "robot_001_v2 is pinned\n")
    let refused = try store.failure("uninstall", "robot_001_v2", code: 4, "refused")
    #expect(refused.message.contains("it is pinned"))
    #expect(refused.hint.contains("unpin"))
    Shape.pinned.check(try store.json("unpin", "robot_001_v2"))
    #expect(try store.ctl("unpin", "-q", "robot_001_v2").out == "robot_001_v2\n")
    try store.ctl("uninstall", "robot_001_v2")
  }

  @Test func `what is active or gone back to stays`() throws {
    let store = try CommandStore.onTrial()
    for version in ["robot_001_v1", "robot_001_v2"] {
      let refused = try store.failure("uninstall", version, code: 4, "refused")
      #expect(refused.message.hasPrefix("\(version) is protected: "))
    }
  }
}
