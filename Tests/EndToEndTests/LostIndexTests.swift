import ModelRegistry
import Testing

/// What must go on when the index can't be used: what runs, booting, and the way back.
@Suite struct `With the index gone` {
  enum Loss: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case missing, empty, garbage, cutShort, newer

    var testDescription: String { rawValue }

    func happen(to store: CommandStore) throws {
      switch self {
      case .missing: try store.loseIndex()
      case .empty: try store.loseIndex([])
      case .garbage: try store.loseIndex([UInt8](repeating: 0x5a, count: 20_000))
      case .cutShort:
        try store.loseIndex(Array("SQLite format 3\u{0}".utf8) + [UInt8](repeating: 0, count: 84))
      case .newer: try store.sqlite("PRAGMA user_version = 99")
      }
    }
  }

  @Test(arguments: Loss.allCases) func `a trial is reverted by boot with reason unknown`(_ loss: Loss) throws
  {
    let store = try CommandStore.onTrial()
    try loss.happen(to: store)
    #expect(try store.ctl("active", "--path").out == "\(store.root)/generations/2\n")
    let boot = try store.json("boot")
    Shape.trial.check(boot)
    #expect(boot["reverted"]?.asString == "unknown")
    #expect(boot["path"]?.asString == "\(store.root)/generations/1")
    #expect(try store.ctl("boot").out == "\(store.root)/generations/1\n")
    #expect(try store.entries("marks/blocked") == [], "nobody knows that the version was bad")
  }

  @Test(arguments: Loss.allCases) func `rollback, health and a confirmed boot work`(_ loss: Loss) throws {
    let store = try CommandStore.onTrial()
    try store.ctl("confirm")
    try loss.happen(to: store)
    let boot = try store.ctl("boot")
    #expect(boot.out == "\(store.root)/generations/2\n")
    #expect(boot.err.hasPrefix("warning: "))
    #expect(try store.json("rollback", "--dry-run")["generation"]?.asInt == 1)
    let back = try store.json("rollback", "--reason", "no index")
    Shape.switched.check(back)
    #expect(back["generation"]?.asInt == 1)
    #expect(back["warnings"]?.asArray?.isEmpty == false)
    #expect(try store.ctl("active", "-q").out == "robot_001_v1\n")
  }

  @Test(arguments: Loss.allCases) func `a fault of a trial goes back and blocks`(_ loss: Loss) throws {
    let store = try CommandStore.onTrial()
    try loss.happen(to: store)
    let back = try store.json("health", "--fault", "oscillates")
    #expect(back["generation"]?.asInt == 1)
    #expect(try store.entries("marks/blocked").count == 1)
  }

  @Test(arguments: Loss.allCases) func `everything else says what is wrong and touches nothing`(_ loss: Loss)
    throws
  {
    let store = try CommandStore.onTrial()
    try loss.happen(to: store)
    let (code, name): (Int32, String) = loss == .newer ? (4, "refused") : (5, "integrity")
    for command in [
      ["list"], ["activate", "robot_001_v3"], ["gc"], ["confirm"], ["verify"], ["history"],
      ["uninstall", "robot_001_v3"],
    ] {
      let error = try store.failure(of: command, code: code, name)
      #expect(error.message.contains(loss == .newer ? "schema 99" : "index"), "\(error.line)")
    }
    let source = try store.source("four")
    _ = try store.failure(of: ["publish", "robot_001", source], code: code, name)
    _ = try store.failure(of: ["init"], code: code, name)
    #expect(try store.ctl("doctor", code: 1).out.contains("PROBLEM  index "))
    let status = try store.json("status")
    Shape.status.check(status)
    #expect(status["versions"]?.isNull == true && status["problems"]?.asArray?.isEmpty == false)
    #expect(try store.ctl("status").out.contains("versions  unknown without the index\n"))
    #expect(try store.entries("versions") == ["robot_001_v1", "robot_001_v2", "robot_001_v3"])
    #expect(try store.entries("generations") == ["1", "2"])
  }
}
