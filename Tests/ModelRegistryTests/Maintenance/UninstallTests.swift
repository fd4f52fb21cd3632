import ModelRegistry
import TestSupport
import Testing

@Suite struct UninstallTests {
  @Test func `the tree goes, the name stays, and it says what gc will free`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let result = try registry.uninstall("robot_001_v3")
    #expect(result.version.number == 3)
    #expect(result.freeableBytes == 16, "its weights alone; the configuration is shared")
    #expect(!fixture.exists("versions/robot_001_v3"))
    #expect(fixture.exists("manifests/robot_001_v3.json"))
    #expect(fixture.exists(try fixture.blob(of: "robot_001_v3")))
    #expect(try registry.show("robot_001_v3").0.isInstalled == false)
    #expect(try registry.collect().freedBytes == 16)
    #expect(try registry.show("robot_001_v3").1.files.count == 2, "its manifest is kept")
    try fixture.expectSound()
  }

  @Test func `uninstalling twice is fine, and installing brings it back`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    _ = try registry.uninstall("robot_001_v3")
    #expect(try registry.uninstall("robot_001_v3").version.number == 3)
    #expect(try !registry.install("robot_001_v3").alreadyInstalled)
    #expect(try registry.install("robot_001_v3").alreadyInstalled)
    try fixture.expectSound()
    _ = try registry.uninstall("robot_001_v3")
    _ = try registry.collect()
    let error = try failure { try registry.install("robot_001_v3") }
    #expect(error.code == .notFound && error.hint.contains("publish"))
  }

  @Test func `a dry run changes nothing, and refuses what the deed would refuse`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let changed = try change(of: fixture.root) { () throws in
      #expect(try registry.uninstall("robot_001_v3", dryRun: true).freeableBytes == 16)
      #expect(code { try registry.uninstall("robot_001_v1", dryRun: true) } == .refused)
    }
    #expect(changed == [])
    #expect(try registry.versions().items.allSatisfy(\.isInstalled))
  }

  enum Protector: String, CaseIterable, CustomTestStringConvertible {
    case active, fallback, fallbacksFallback, pin, lease, lastConfirmed

    var testDescription: String { rawValue }

    /// Words of the refusal.
    var words: String {
      switch self {
      case .active: "it is active"
      case .pin: "it is pinned"
      case .lease: "leased"
      default: "generation"
      }
    }
  }

  @Test(arguments: Protector.allCases)
  func `what is protected is refused, naming by what`(protector: Protector) throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    var lease: Lease?
    switch protector {
    case .active: break
    case .fallback: try registry.activate("robot_001_v2")
    case .fallbacksFallback:
      try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
      try registry.activate("robot_001_v3", ActivationOptions(confirmed: true))
    case .lastConfirmed:
      try registry.activate("robot_001_v2")
      try registry.activate("robot_001_v3")
    case .pin, .lease:
      if protector == .lease { lease = try Lease.take(fixture.root) }
      if protector == .pin { try registry.pin("robot_001_v1") }
      // Four generations further on nothing but the pin or the lease is left that names it.
      for content in ["four", "five"] { try fixture.publish(content, in: registry) }
      for number in 2...5 {
        try registry.activate("robot_001_v\(number)", ActivationOptions(confirmed: true))
      }
    }
    let changed = try change(of: fixture.root) { () throws in
      let error = try failure { try registry.uninstall("robot_001_v1") }
      #expect(error.code == .refused && error.message.contains(protector.words), "\(error)")
      let collected = try registry.collect(CollectionPolicy(keep: 0), dryRun: true)
      #expect(collected.kept.keys.contains { $0.number == 1 })
    }
    #expect(changed == [])
    guard protector == .pin || protector == .lease else { return }
    lease?.release()
    if protector == .pin { try registry.unpin("robot_001_v1") }
    #expect(try registry.uninstall("robot_001_v1").version.number == 1, "nothing else protects it")
    try fixture.expectSound()
  }

  @Test func `what runs two rollbacks from here is all that the chain protects`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    for content in ["four", "five"] { try fixture.publish(content, in: registry) }
    for number in 2...5 { try registry.activate("robot_001_v\(number)", ActivationOptions(confirmed: true)) }
    let kept = try registry.collect(CollectionPolicy(keep: 0), dryRun: true).kept
    #expect(kept.keys.map(\.number).sorted() == [3, 4, 5])
  }
}
