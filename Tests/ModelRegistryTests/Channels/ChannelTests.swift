import Glibc
import ModelRegistry
import TestSupport
import Testing

@Suite struct ChannelTests {
  let stable = try! ChannelName(parsing: "stable")

  @Test func `a channel names a version, and its history keeps what it named before`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let first = try registry.setChannel(stable, to: "robot_001_v2", reason: "passed the rig")
    #expect(first.changed && first.previous == nil && first.setting.seq == 1)
    let second = try registry.setChannel(stable, to: "robot_001_v3")
    #expect(second.previous?.number == 2 && second.setting.seq == 2)
    #expect(try registry.digest(of: "robot_001@stable").version.number == 3)
    #expect(try registry.digest(of: "models:/robot_001@stable").version.number == 3)
    let history = try registry.history(of: "robot_001", channel: stable)
    #expect(history.items.map(\.version.number) == [3, 2] && history.next == nil)
    #expect(history.items.last?.reason == "passed the rig" && history.items.last?.by == "tester")
    #expect(try registry.versions().items.map { $0.channels.map(\.text) } == [[], [], ["stable"]])
    try fixture.expectSound()
  }

  @Test func `naming what it names already changes nothing`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.setChannel(stable, to: "robot_001_v2")
    let changed = try change(of: fixture.root) { () throws in
      let again = try registry.setChannel(stable, to: "robot_001@stable", reason: "other words")
      #expect(!again.changed && again.setting.seq == 1 && again.setting.reason == nil)
    }
    #expect(changed == [])
  }

  @Test func `a channel protects what it names now, and no more`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.setChannel(stable, to: "robot_001_v2")
    let refusal = try failure { try registry.uninstall("robot_001_v2") }
    #expect(refusal.code == .refused && refusal.message.contains("the channel robot_001@stable names it"))
    let kept = try registry.collect(CollectionPolicy(keep: 0)).kept
    #expect(kept.first { $0.key.number == 2 }?.value == "the channel robot_001@stable names it")
    try fixture.publish("three", in: registry)
    try registry.setChannel(stable, to: "robot_001_v3")
    #expect(try registry.uninstall("robot_001_v2").version.number == 2)
  }

  @Test func `channels are listed by page, per adapter`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try fixture.publish("other", as: "robot_002", in: registry)
    for name in ["beta", "canary", "stable"] {
      try registry.setChannel(ChannelName(parsing: name), to: "robot_001_v1")
      try registry.setChannel(ChannelName(parsing: name), to: "robot_002_v1")
    }
    #expect(try registry.channels().items.count == 6)
    #expect(try registry.channels(of: "robot_002").items.map(\.name.text) == ["beta", "canary", "stable"])
    var seen: [String] = []
    var after: (adapter: AdapterName, name: ChannelName)?
    repeat {
      let page = try registry.channels(after: after, limit: 4)
      seen += page.items.map(\.channel)
      after = page.next == nil ? nil : page.items.last.map { ($0.adapter, $0.name) }
    } while after != nil
    #expect(
      seen == ["robot_001", "robot_002"].flatMap { a in ["beta", "canary", "stable"].map { "\(a)@\($0)" } })
  }

  @Test func `what was never set, and a version that isn't known, are not found`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let changed = try change(of: fixture.root) { () throws in
      #expect(code { try registry.digest(of: "robot_001@stable") } == .notFound)
      #expect(code { try registry.history(of: "robot_001", channel: stable) } == .notFound)
      #expect(code { try registry.setChannel(stable, to: "robot_001_v9") } == .notFound)
    }
    #expect(changed == [])
  }

  @Test func `a mark that says nothing is a problem that doctor names, and stops nothing`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try registry.setChannel(stable, to: "robot_001_v2")
    #expect(symlink("torn", fixture.path("marks/channels/robot_001@stable.2")) == 0)
    #expect(try registry.doctor().contains { $0.subject == "marks" && $0.isProblem })
    #expect(try registry.digest(of: "robot_001@stable").version.number == 2)
    #expect(try registry.setChannel(stable, to: "robot_001_v3").setting.seq == 3, "no mark is replaced")
    #expect(try registry.digest(of: "robot_001@stable").version.number == 3)
    #expect(unlink(fixture.path("marks/channels/robot_001@stable.2")) == 0)
    try fixture.expectSound()
  }
}
