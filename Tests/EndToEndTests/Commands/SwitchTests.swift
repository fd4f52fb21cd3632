import ModelRegistry
import TestSupport
import Testing

@Suite struct `modelctl activate, deactivate, confirm and rollback` {
  @Test func `an activation is on trial and says what it expects`() throws {
    let store = try CommandStore.ready()
    let trial = try store.json("activate", "robot_001_v2", "--reason", "night run", "--attempts", "2")
    Shape.switched.check(trial)
    #expect(trial["generation"]?.asInt == 2)
    #expect(trial["switch"]?.asInt == 2)
    #expect(trial["previous"]?.asInt == 1)
    #expect(trial["fallback"]?.asInt == 1)
    #expect(trial["state"]?.asString == "trial")
    #expect(trial["attempts_left"]?.asInt == 2)
    let member = try #require(trial["set"]?["robot_001"])
    #expect(member["version"]?.asString == "robot_001_v2")
    #expect(member["path"]?.asString == "\(store.root)/generations/2/robot_001")
    let again = try store.json("activate", "robot_001_v2")
    #expect(again["generation"]?.asInt == 2)
    #expect(again["switch"]?.isNull == true, "what is active already changes nothing")
    let third = try store.ctl("activate", "robot_001_v3").out
    #expect(
      third
        == "generation 3 is active: robot_001_v3; on trial: confirm it, or it reverts after 3 boots\n")
    #expect(try store.ctl("activate", "-q", "robot_001_v3", "--confirmed").out == "3\n")
    #expect(try store.json("active")["state"]?.asString == "confirmed")
  }

  @Test func `confirm ends the trial, twice is fine, and a stale one is refused`() throws {
    let store = try CommandStore.onTrial()
    let stale = try store.failure("confirm", "--generation", "1", code: 4, "refused")
    #expect(stale.message.contains("generation 1 is not active, 2 is"))
    let confirmed = try store.json("confirm", "--generation", "2")
    Shape.trial.check(confirmed)
    #expect(confirmed["state"]?.asString == "confirmed")
    #expect(confirmed["attempts_left"]?.isNull == true)
    #expect(confirmed["path"]?.asString == "\(store.root)/generations/2")
    #expect(try store.ctl("confirm").out == "generation 2 is active: robot_001_v2; confirmed\n")
    #expect(try store.ctl("confirm", "-q").out == "2\n")
    #expect(!store.exists("generations/2/trial"))
    try store.expectSound()
  }

  @Test func `several adapters switch together`() throws {
    let store = try CommandStore.ready()
    try store.ctl("publish", "gripper", store.source("gripper"))
    let both = try store.json("activate", "robot_001_v2", "gripper_v1")
    Shape.switched.check(both)
    #expect(both["set"]?.asObject?.keys.sorted() == ["gripper", "robot_001"])
    try store.failure("activate", "robot_001_v2", "robot_001_v3", code: 64, "usage")
    let without = try store.json("deactivate", "gripper", "--confirmed")
    Shape.switched.check(without)
    #expect(without["set"]?.asObject?.keys.sorted() == ["robot_001"])
    #expect(try store.ctl("deactivate", "robot_001").out.hasPrefix("generation 4 is active: no adapters; "))
    try store.failure("deactivate", "robot_001", code: 3, "not_found")
    #expect(try store.entries("generations/4") == ["back", "generation.json", "trial"])
    try store.expectSound()
  }

  @Test func `rollback goes back, says where to, and blocks what is bad`() throws {
    let store = try CommandStore.onTrial()
    let rehearsal = try store.json("rollback", "--dry-run")
    Shape.object(["generation": .integer, "dry_run": .flag]).check(rehearsal)
    #expect(try store.ctl("rollback", "--dry-run").out == "would roll back to generation 1\n")
    #expect(try store.active() == "robot_001_v2", "a dry run changes nothing")
    let back = try store.json("rollback", "--bad", "--reason", "oscillates")
    Shape.switched.check(back)
    #expect(back["generation"]?.asInt == 1)
    #expect(back["previous"]?.asInt == 2)
    #expect(back["state"]?.asString == "confirmed")
    let blocked = try store.failure("activate", "robot_001_v2", code: 4, "refused")
    #expect(blocked.message.contains("robot_001_v2 is blocked: "))
    #expect(blocked.message.contains("oscillates"))
    #expect(blocked.hint.contains("--force"))
    #expect(try store.json("activate", "robot_001_v2", "--force")["generation"]?.asInt == 3)
    #expect(
      try store.ctl("rollback").out == "rolled back: generation 1 is active: robot_001_v1; confirmed\n")
    let nowhere = try store.failure("rollback", code: 4, "refused")
    #expect(nowhere.message.contains("no confirmed generation to go back to"))
    try store.expectSound()
  }

  @Test func `rollback --to goes where it is told, or says why not`() throws {
    let store = try CommandStore.ready()
    try store.ctl("activate", "robot_001_v2", "--confirmed")
    try store.ctl("activate", "robot_001_v3", "--confirmed")
    #expect(try store.ctl("rollback", "--to", "1", "-q").out == "1\n")
    #expect(try store.json("rollback", "--to", "2")["generation"]?.asInt == 2)
    try store.failure("rollback", "--to", "2", code: 4, "refused")
    try store.failure("rollback", "--to", "99", code: 4, "refused")
    try store.failure("rollback", "--to", "two", code: 64, "usage")
    try store.expectSound()
  }

  @Test func `a version that lacks a path of the active one is refused without --force`() throws {
    let store = try CommandStore.ready()
    try store.ctl("publish", "robot_001", store.scratch.write("lora_adapters.npz", "other"))
    let refused = try store.failure("activate", "robot_001_v4", code: 4, "refused")
    #expect(refused.message.contains("robot_001_v4 lacks config/model_config.json"))
    try store.ctl("activate", "robot_001_v4", "--force")
  }

  @Test func `bad options are usage, and an unknown version is not found`() throws {
    let store = try CommandStore.ready()
    try store.failure("activate", code: 64, "usage")
    try store.failure("activate", "robot_001", code: 64, "usage")
    try store.failure("activate", "robot_001_v2", "--attempts", "0", code: 64, "usage")
    try store.failure("activate", "robot_001_v2", "--deadline", "10", code: 64, "usage")
    try store.failure("activate", "robot_001_v9", code: 3, "not_found")
    try store.failure("deactivate", "gripper", code: 3, "not_found")
    #expect(try store.active() == "robot_001_v1")
  }
}
