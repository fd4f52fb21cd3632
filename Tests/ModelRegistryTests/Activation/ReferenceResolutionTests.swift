import ModelRegistry
import TestSupport
import Testing

@Suite struct ReferenceResolutionTests {
  @Test(arguments: [
    "robot_001_v2", "robot_001:v2", "robot_001:2", "adapters/robot_001_v2", "models:/robot_001/2",
  ])
  func `each form of a version's name means it`(text: String) throws {
    let fixture = try StoreFixture.copied()
    let found = try fixture.open().digest(of: Reference(parsing: text))
    #expect(found.version.description == "robot_001_v2")
  }

  @Test func `a digest or enough of its beginning means the version`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let digest = try fixture.digest("robot_001_v2")
    for text in ["\(digest)", "sha256:\(digest.hex.prefix(12))", "robot_001@sha256:\(digest.hex.prefix(13))"]
    {
      #expect(try registry.digest(of: Reference(parsing: text)).version.number == 2, "\(text)")
    }
    let elsewhere = try failure { try registry.digest(of: Reference(parsing: "robot_002@\(digest)")) }
    #expect(elsewhere.code == .notFound)
  }

  @Test func `a digest's beginning that two versions share is refused as ambiguous`() throws {
    let fixture = try StoreFixture.copied()
    let digest = try fixture.digest("robot_001_v2")
    // No two real manifests share 12 digits, so the index is told of one that does.
    let twin = digest.hex.prefix(20) + String(repeating: "0", count: 44)
    try run(
      "/usr/bin/sqlite3", fixture.path("registry.db"),
      "INSERT INTO versions SELECT 99, 'robot_009', 1, x'\(twin)', content, created_at, added_at, bytes, 0, 0 "
        + "FROM versions WHERE number = 2;")
    let registry = try fixture.open()
    let error = try failure { try registry.digest(of: Reference(parsing: "sha256:\(digest.hex.prefix(20))")) }
    #expect(error.code == .usage)
    #expect(error.message.contains("robot_001_v2") && error.message.contains("robot_009_v1"))
    #expect(
      try registry.digest(of: Reference(parsing: "sha256:\(digest.hex.prefix(30))")).version.number == 2)
    let named = try Reference(parsing: "robot_001@sha256:\(digest.hex.prefix(20))")
    #expect(try registry.digest(of: named).version.number == 2)
  }

  @Test(arguments: [
    "robot_001_v9", "robot_009@latest", "sha256:000000000000", "robot_001@stable", "robot_009_v1",
  ])
  func `what is not known is not found, and the error names the store`(text: String) throws {
    let fixture = try StoreFixture.copied()
    let error = try failure { try fixture.open().show(Reference(parsing: text)) }
    #expect(error.code == .notFound && error.message.contains(fixture.root))
  }

  @Test(arguments: [
    "robot_001", "robot_001_v02", "robot_001@sha256:0000", "robot_001_v0", "../robot_001_v1", "",
  ])
  func `what names no version is a matter of usage`(text: String) {
    #expect(code { try Reference(parsing: text) } == .usage)
  }

  @Test func `active, latest and previous follow the switches`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    func number(_ text: String) throws -> Int {
      try registry.digest(of: Reference(parsing: text)).version.number
    }
    #expect(try number("robot_001@latest") == 3 && number("robot_001@active") == 1)
    #expect(code { try number("robot_001@previous") } == .notFound)
    try registry.activate("robot_001_v2")
    #expect(try number("robot_001@active") == 2 && number("robot_001@previous") == 1)
    try registry.rollback()
    #expect(try number("robot_001@active") == 1 && number("robot_001@previous") == 2)
    #expect(code { try number("robot_002@active") } == .notFound)
  }

  @Test func `previous is what ran before the last switch that changed this adapter`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    try fixture.publish("other", as: "robot_002", in: registry)
    try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
    try registry.activate("robot_002_v1", ActivationOptions(confirmed: true))
    // A refusal is no switch.
    #expect(code { try registry.rollback(to: 99) } == .refused)
    #expect(try registry.digest(of: "robot_001@previous").version.number == 1)
    #expect(code { try registry.digest(of: "robot_002@previous") } == .notFound)
    try registry.deactivate("robot_001", ActivationOptions(confirmed: true))
    #expect(try registry.digest(of: "robot_001@previous").version.number == 2)
    #expect(code { try registry.digest(of: "robot_001@active") } == .notFound)
  }

  @Test func `the active version activates, installs and uninstalls by its alias`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    #expect(try !registry.activate("robot_001@active").switched)
    #expect(try registry.activate("robot_001@latest").set.sorted.map(\.version.number) == [3])
    #expect(try registry.install("robot_001@previous").alreadyInstalled)
    #expect(code { try registry.uninstall("robot_001@active") } == .refused)
  }
}
