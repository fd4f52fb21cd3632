import ModelRegistry
import Testing

/// Two processes at once: what comes of them is what one after the other would have done, or a refusal.
@Suite struct `Two commands at once` {
  static let rounds = 2

  struct Pair: CustomTestStringConvertible, Sendable {
    let first: [String]
    let second: [String]

    init(_ first: String, _ second: String) {
      self.first = first.split(separator: " ").map(String.init)
      self.second = second.split(separator: " ").map(String.init)
    }

    var testDescription: String { "\(first.joined(separator: " ")) + \(second.joined(separator: " "))" }
  }

  static let pairs = [
    Pair("publish robot_001 four", "publish robot_001 five"),
    Pair("publish robot_001 four", "publish robot_001 four"),
    Pair("publish robot_001 four", "gc"), Pair("publish robot_001 three", "uninstall robot_001_v3"),
    Pair("activate robot_001_v3", "activate robot_001_v3"),
    Pair("activate robot_001_v3", "activate robot_001_v1"),
    Pair("activate robot_001_v3", "rollback"), Pair("activate robot_001_v3", "uninstall robot_001_v3"),
    Pair("activate robot_001_v3", "health --fault late"),
    Pair("activate robot_001_v3", "deactivate robot_001"),
    Pair("confirm", "rollback"), Pair("confirm", "health --fault late"), Pair("confirm", "boot"),
    Pair("boot", "boot"),
    Pair("rollback", "rollback"), Pair("rollback", "rollback --to 1"), Pair("verify", "gc --keep 0"),
    Pair("install robot_001_v3", "gc --keep 0"), Pair("pin robot_001_v3", "uninstall robot_001_v3"),
    Pair("uninstall robot_001_v3", "install robot_001_v3"), Pair("gc --keep 0", "gc --keep 0"),
    Pair("init", "init"),
  ]

  @Test(arguments: pairs) func `leave a sound store`(_ pair: Pair) throws {
    for round in 1...Self.rounds {
      let store = try CommandStore.onTrial()
      let commands = try [pair.first, pair.second].map { try words($0, store) }
      let children = try (round.isMultiple(of: 2) ? commands.reversed() : commands).map {
        try store.start($0)
      }
      for child in children {
        let outcome = try child.wait()
        let expected: Set<Int32> = [0, 3, 4, 75]
        #expect(expected.contains(outcome.code), "\(pair.testDescription): \(outcome.out)\(outcome.err)")
        if outcome.code == 3 {
          // Only what the other one took away may be missing.
          #expect(pair.first.first == "install" || pair.second.first == "install", "\(outcome.err)")
        }
      }
      try expectNothingLost(store, pair)
      try store.expectSound()
    }
  }

  private func words(_ command: [String], _ store: CommandStore) throws -> [String] {
    guard command[0] == "publish" else { return command }
    return ["publish", command[1], try store.source(command[2])]
  }

  /// What was published is listed and installed; what is active is complete.
  private func expectNothingLost(_ store: CommandStore, _ pair: Pair) throws {
    let list = try #require(store.json("list")["versions"]?.asArray)
    for version in list where version["installed"]?.asBool == true {
      let name = version["version"]?.asString ?? ""
      #expect(store.exists("versions/\(name)/lora_adapters.npz"), "\(pair.testDescription): \(name)")
    }
    let published = pair.first.first == "publish" && pair.second.first == "publish"
    if published { #expect(list.count == (pair.first == pair.second ? 4 : 5)) }
    let active = try #require(try store.json("active")["set"]?.asObject)
    for name in active.keys { #expect(store.exists("active/\(name)/lora_adapters.npz")) }
  }

  @Test func `make one store where there was none`() throws {
    for _ in 1...Self.rounds {
      let store = try CommandStore()
      let sources = try ["one", "two"].map { try store.source($0) }
      let children = try sources.map { try store.start(["publish", "robot_001", $0]) }
      for child in children {
        let outcome = try child.wait()
        #expect(outcome.code == 0, "\(outcome.err)")
      }
      #expect(try store.ctl("list", "-q").out == "robot_001_v1\nrobot_001_v2\n")
      try store.expectSound()
    }
  }
}
