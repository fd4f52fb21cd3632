import ModelRegistry
import TestSupport
import Testing

/// What must hold before an activation; each refusal is recorded and moves nothing.
@Suite struct ActivationCheckTests {
  private func expectRefused(
    _ fixture: StoreFixture, _ code: RegistryError.Code, _ words: String,
    _ location: SourceLocation = #_sourceLocation, _ body: () throws -> SwitchResult
  ) throws {
    let active = fixture.active
    let changed = try change(of: fixture.root) { () throws in
      let error = try failure(at: location) { try body() }
      #expect(error.code == code && error.message.contains(words), "\(error)", sourceLocation: location)
      #expect(!error.hint.isEmpty, sourceLocation: location)
    }
    #expect(changed == [] && fixture.active == active, sourceLocation: location)
    let entry = try fixture.open().history(limit: 1).items.first
    #expect(entry?.kind == .refused && entry?.state == .refused, sourceLocation: location)
    #expect(entry?.reason?.contains(words) == true && entry?.switchNumber == nil, sourceLocation: location)
    let record = try fixture.open().audit().items.last?.record
    #expect(record?.kind == .refuse, sourceLocation: location)
  }

  @Test func `a version that is not installed is refused`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    _ = try registry.uninstall("robot_001_v2")
    try expectRefused(fixture, .refused, "not installed") { try registry.activate("robot_001_v2") }
    #expect(try !registry.install("robot_001_v2").alreadyInstalled)
    #expect(try registry.activate("robot_001_v2").generation == 2)
    try fixture.expectSound()
  }

  @Test(arguments: [Breaking.flippedByte, .truncated, .zeroFilled, .emptied, .longer])
  func `a damaged version is refused, verified or not`(how: Breaking) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try breaking(fixture.path(fixture.blob(of: "robot_001_v2")), how)
    let error = try failure { try registry.activate("robot_001_v2") }
    #expect([.integrity, .refused].contains(error.code))
    #expect(fixture.active == "generations/1")
    #expect(try !registry.verify().damaged.isEmpty)
    try expectRefused(fixture, .integrity, "damaged") { try registry.activate("robot_001_v2") }
    try expectRefused(fixture, .integrity, "damaged") {
      try registry.activate("robot_001_v2", ActivationOptions(force: true))
    }
    try fixture.publish("two", in: registry)
    #expect(try registry.activate("robot_001_v2").switched, "mended")
    try fixture.expectSound()
  }

  @Test func `a damaged manifest is refused`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try breaking(fixture.path(StoreFixture.blob(fixture.digest("robot_001_v2"))), .flippedByte)
    #expect(code { try registry.activate("robot_001_v2") } == .integrity)
    #expect(code { try registry.show("robot_001_v2") } == .integrity)
    #expect(fixture.active == "generations/1")
  }

  @Test func `a file that is missing from the tree is refused, and install puts it back`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try Breaking.removed.apply(fixture.path("versions/robot_001_v2/lora_adapters.npz"))
    try expectRefused(fixture, .refused, "lora_adapters.npz") { try registry.activate("robot_001_v2") }
    #expect(try !registry.install("robot_001_v2").alreadyInstalled)
    #expect(try registry.activate("robot_001_v2").switched)
    try fixture.expectSound()
  }

  @Test func `a version without a path that the active one has is refused without force`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let weights = try fixture.scratch.write("other/lora_adapters.npz", "weights")
    try registry.publish(PublishRequest(adapter: "robot_001", paths: [weights]))
    try expectRefused(fixture, .refused, "config/model_config.json") { try registry.activate("robot_001_v4") }
    #expect(try registry.activate("robot_001_v4", ActivationOptions(force: true)).state == .trial)
    #expect(try registry.rollback().generation == 1)
    // Another adapter has paths of its own, and more paths are fine.
    try registry.publish(PublishRequest(adapter: "robot_002", paths: [weights]))
    #expect(try registry.activate("robot_002_v1", ActivationOptions(confirmed: true)).switched)
    try fixture.publish("more", as: "robot_002", in: registry)
    #expect(try registry.activate("robot_002_v2").switched)
  }

  @Test(
    arguments: [
      ("os=linux", nil), ("os!=linux", "os"), ("arch!=mips", nil), ("arch=mips", "requires arch=mips"),
      ("gripper=v2", nil), ("gripper=v3", "and it is v2"), ("firmware>=1.4", nil),
      ("firmware>=2", "and it is 1.10"),
      ("camera=left", "is not known here"), ("camera!=left", "is not known here"),
    ] as [(String, String?)])
  func `what a version requires must be known and so`(expression: String, words: String?) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open(Configuration(facts: ["gripper": "v2", "firmware": "1.10"]))
    try fixture.publish("four", in: registry) { $0.requires = [try! Requirement(parsing: expression)] }
    if let words {
      try expectRefused(fixture, .refused, words) { try registry.activate("robot_001_v4") }
      #expect(code { try registry.activate("robot_001_v4", ActivationOptions(force: true)) } == .refused)
    } else {
      #expect(try registry.activate("robot_001_v4").switched)
    }
  }

  @Test func `a required base must be in the same set`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let base = try fixture.publish("base", as: "wavecore", in: registry)
    try fixture.publish("four", in: registry) {
      $0.requires = [try! Requirement(parsing: "base=\(base.digest)")]
    }
    try expectRefused(fixture, .refused, "requires base") { try registry.activate("robot_001_v4") }
    #expect(try registry.activate(["robot_001_v4", "wavecore_v1"]).switched)
    try registry.confirm()
    // And it stays there: neither another base nor none.
    try fixture.publish("other base", as: "wavecore", in: registry)
    try expectRefused(fixture, .refused, "requires base") { try registry.activate("wavecore_v2") }
    try expectRefused(fixture, .refused, "requires base") { try registry.deactivate("wavecore") }
  }
}
