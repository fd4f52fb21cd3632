import ModelRegistry
import Testing

/// Boots of one machine, played by MODELCTL_TEST_BOOT in the debug program.
@Suite struct `A trial that isn't confirmed` {
  private func boot(_ store: CommandStore, _ name: String) throws -> JSONValue {
    let result = try store.json("boot", with: ["MODELCTL_TEST_BOOT": name])
    Shape.trial.check(result)
    return result
  }

  @Test func `three power cuts revert it, and the version isn't condemned`() throws {
    let store = try CommandStore.onTrial()
    for (attempt, left) in [(1, 2), (2, 1), (3, 0)] as [(Int, Int64)] {
      let result = try boot(store, "boot \(attempt)")
      #expect(result["generation"]?.asInt == 2)
      #expect(result["attempts_left"]?.asInt == left)
    }
    let fourth = try boot(store, "boot 4")
    #expect(fourth["reverted"]?.asString == "power")
    #expect(fourth["path"]?.asString == "\(store.root)/generations/1")
    #expect(fourth["state"]?.asString == "confirmed")
    let fifth = try boot(store, "boot 5")
    #expect(fifth["reverted"]?.isNull == true && fifth["generation"]?.asInt == 1)
    #expect(try store.entries("marks/blocked") == [])
    #expect(try store.json("history")["switches"]?.asArray?.first?["reason"]?.asString == "power")
    try store.ctl("activate", "robot_001_v2")
    try store.expectSound()
  }

  @Test func `crashes within one boot revert it, and the version is blocked`() throws {
    let store = try CommandStore.onTrial()
    for _ in 1...3 { #expect(try boot(store, "boot 1")["generation"]?.asInt == 2) }
    #expect(try boot(store, "boot 1")["reverted"]?.asString == "crash")
    #expect(try store.active() == "robot_001_v1")
    let blocked = try store.failure("activate", "robot_001_v2", code: 4, "refused")
    #expect(blocked.message.contains("crash"))
    try store.ctl("activate", "robot_001_v2", "--force")
    try store.ctl("confirm")
    #expect(try store.entries("marks/blocked") == [], "confirmed and blocked contradict each other")
    try store.expectSound()
  }

  @Test func `one crash among the power cuts is a crash`() throws {
    let store = try CommandStore.onTrial()
    for name in ["boot 1", "boot 2", "boot 2"] { _ = try boot(store, name) }
    #expect(try boot(store, "boot 3")["reverted"]?.asString == "crash")
  }

  @Test func `is over when its time is up within one boot`() throws {
    let store = try CommandStore.ready()
    let here = ["MODELCTL_TEST_BOOT": "boot 1"]
    try store.ctl("activate", "robot_001_v2", "--deadline", "1ms", with: here)
    try poll("the deadline passes") {
      try store.json("boot", "--generation", "2", with: here)["reverted"]?.asString == "deadline"
    }
    try store.failure("activate", "robot_001_v2", code: 4, "refused")
    // In another boot the clock begins anew.
    try store.ctl("activate", "robot_001_v3", "--deadline", "10m", with: here)
    #expect(try boot(store, "boot 2")["generation"]?.asInt == 3)
  }

  @Test func `a first activation has nothing to go back to and needs no trial`() throws {
    let store = try CommandStore()
    try store.ctl("publish", "robot_001", store.source("one"))
    let first = try store.ctl("activate", "robot_001_v1").out
    #expect(first == "generation 1 is active: robot_001_v1; confirmed\n")
    for attempt in 1...5 { #expect(try boot(store, "boot \(attempt)")["generation"]?.asInt == 1) }
  }
}
