import ModelRegistry
import Testing

@Suite struct `modelctl boot, health, active and history` {
  @Test func `boot prints the path alone and counts the attempts`() throws {
    let store = try CommandStore.onTrial()
    #expect(try store.ctl("boot").out == "\(store.root)/generations/2\n")
    let second = try store.json("boot", "--generation", "2")
    Shape.trial.check(second)
    #expect(second["attempts_left"]?.asInt == 1)
    #expect(second["reverted"]?.isNull == true)
    try store.failure("boot", "--generation", "1", code: 4, "refused")
    try store.ctl("confirm")
    let settled = try store.json("boot")
    Shape.trial.check(settled)
    #expect(settled["state"]?.asString == "confirmed")
    #expect(settled["attempts_left"]?.isNull == true)
  }

  @Test func `boot and active of an empty store are not found`() throws {
    let store = try CommandStore()
    try store.ctl("init")
    for command in ["boot", "active", "rollback", "confirm"] {
      let missing = try store.failure(command, code: 3, "not_found")
      #expect(missing.message.contains("nothing is active in \(store.root)"))
    }
    try store.failure("health", "--ok", code: 3, "not_found")
  }

  @Test func `health takes one report, and a fault ends the trial`() throws {
    let store = try CommandStore.onTrial()
    let fine = try store.json("health", "--ok")
    Shape.trial.check(fine)
    #expect(fine["state"]?.asString == "trial")
    let quick = try store.json("health", "--ticks-ms", "80,95,130,120,90")
    #expect(quick["reverted"]?.isNull == true)
    try store.failure("health", "--fault", "late", "--generation", "1", code: 4, "refused")
    for wrong in [
      [], ["--ok", "--fault", "x"], ["--ticks-ms", "80,,90"], ["--ticks-ms", "fast"], ["--ticks-ms", "-3"],
    ] {
      _ = try store.failure(of: ["health"] + wrong, code: 64, "usage")
    }
    let late = try store.json("health", "--ticks-ms", "80,95,130,120,110")
    Shape.trial.check(late)
    #expect(late["reverted"]?.asString == "fault")
    #expect(late["generation"]?.asInt == 1)
    let entry = try #require(store.json("history")["switches"]?.asArray?.first)
    #expect(entry["kind"]?.asString == "revert")
    #expect(entry["reason"]?.asString?.hasPrefix("fault: three ticks in a row over 100") == true)
    try store.expectSound()
  }

  @Test func `a fault of what is confirmed is recorded, and switches only when told to`() throws {
    let store = try CommandStore.onTrial()
    try store.ctl("confirm")
    let noted = try store.ctl("health", "--fault", "noise")
    #expect(noted.out == "generation 2 is active: robot_001_v2; confirmed\n")
    #expect(noted.err == "warning: generation 2 is confirmed: recorded, and nothing was switched\n")
    let back = try store.ctl("health", "--fault", "noise", "--rollback")
    #expect(back.out == "reverted: generation 1 is active: robot_001_v1; confirmed\n")
  }

  @Test func `active tells what runs as a table, as JSON and as bare paths`() throws {
    let store = try CommandStore.onTrial()
    let document = try store.json("active")
    Shape.active.check(document)
    #expect(document["state"]?.asString == "trial")
    #expect(document["path"]?.asString == "\(store.root)/generations/2")
    Shape.active.check(try store.json("active", "robot_001"))
    let lines = try store.ctl("active").out.split(separator: "\n")
    #expect(lines[0].hasPrefix("generation 2, trial, since "))
    #expect(lines[1].split(separator: " ") == ["ADAPTER", "VERSION", "DIGEST", "PATH"])
    #expect(lines[2].hasPrefix("robot_001  robot_001_v2  sha256:"))
    #expect(try store.ctl("active", "-q").out == "robot_001_v2\n")
    let missing = try store.failure("active", "gripper", code: 3, "not_found")
    #expect(missing.message.contains("no version of gripper is active"))
  }

  @Test func `active --at tells what ran`() throws {
    let store = try CommandStore.onTrial()
    let first = try #require(store.json("history")["switches"]?.asArray?.last?["at"]?.asString)
    let then = try store.json("active", "--at", first)
    #expect(then["generation"]?.asInt == 1)
    #expect(then["set"]?["robot_001"]?["version"]?.asString == "robot_001_v1")
    #expect(then["since"]?.asString == first)
    #expect(try store.json("active", "--at", "2100-01-01T00:00:00Z")["generation"]?.asInt == 2)
    try store.failure("active", "--at", "2001-01-01T00:00:00Z", code: 3, "not_found")
    try store.failure("active", "--at", "yesterday", code: 64, "usage")
  }

  @Test func `history is newest first, with refusals, reverts and reasons`() throws {
    let store = try CommandStore.onTrial()
    try store.ctl("health", "--fault", "gripper oscillates")
    try store.ctl("activate", "robot_001_v2", code: 4)
    let document = try store.json("history")
    Shape.history.check(document)
    let switches = try #require(document["switches"]?.asArray)
    #expect(switches.map { $0["kind"]?.asString } == ["refused", "revert", "activate", "activate"])
    #expect(switches.map { $0["switch"]?.asInt } == [nil, 3, 2, 1])
    #expect(switches[1]["reason"]?.asString == "fault: gripper oscillates")
    #expect(try store.ctl("history", "-q").out == "3\n2\n1\n")
    let lines = try store.ctl("history").out.split(separator: "\n")
    #expect(lines[0].split(separator: " ") == ["SWITCH", "AT", "KIND", "FROM", "TO", "SET", "BY", "REASON"])
    #expect(lines.count == 5)
    let page = try store.json("history", "--limit", "3")
    let next = try #require(page["next"]?.asString)
    let rest = try store.json("history", "robot_001", "--after", next)
    #expect(rest["switches"]?.asArray == [switches[3]])
    #expect(rest["next"]?.isNull == true)
    #expect(try store.ctl("history", "gripper").out == "nothing was switched yet\n")
    try store.failure("history", "--after", "x", code: 64, "usage")
  }
}
