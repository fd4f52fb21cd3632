import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// The link `active` itself is damaged, or what it names.
@Suite struct ActiveLinkTests {
  enum Spoilt: String, CaseIterable, CustomTestStringConvertible {
    case dangling, elsewhere, absolute, noNumber, file, emptyFolder

    var testDescription: String { rawValue }

    func apply(_ fixture: StoreFixture) throws {
      let path = fixture.path("active")
      try #require(unlink(path) == 0)
      switch self {
      case .dangling: try #require(symlink("generations/99", path) == 0)
      case .elsewhere: try #require(symlink("/etc", path) == 0)
      case .absolute: try #require(symlink(fixture.path("generations/2"), path) == 0)
      case .noNumber: try #require(symlink("generations/02", path) == 0)
      case .file: try Data("generations/2".utf8).write(to: URL(filePath: path))
      case .emptyFolder: try #require(mkdir(path, 0o755) == 0)
      }
    }
  }

  private func store(_ spoilt: Spoilt) throws -> StoreFixture {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2", ActivationOptions(confirmed: true))
    try spoilt.apply(fixture)
    return fixture
  }

  @Test(arguments: Spoilt.allCases)
  func `reading it is an error, never a guess`(spoilt: Spoilt) throws {
    let fixture = try store(spoilt)
    let error = try failure { try ActiveState.read(fixture.root) }
    #expect(error.code == .integrity && error.hint.contains("rollback"), "\(error)")
    #expect(code { try Lease.take(fixture.root) } == .integrity)
    let registry = try fixture.open(acceptsLostIndex: true)
    #expect(try !registry.status().problems.isEmpty)
    #expect(try registry.doctor().contains { $0.subject == "active" && $0.isProblem })
  }

  @Test(arguments: Spoilt.allCases)
  func `a rollback finds the last good generation again`(spoilt: Spoilt) throws {
    let fixture = try store(spoilt)
    let result = try fixture.open(acceptsLostIndex: true).rollback()
    #expect(result.generation == 2 && result.switched, "the last one that was good")
    #expect(fixture.active == "generations/2")
    try fixture.expectSound()
  }

  @Test(arguments: Spoilt.allCases)
  func `a rollback by number goes there`(spoilt: Spoilt) throws {
    let fixture = try store(spoilt)
    #expect(try fixture.open(acceptsLostIndex: true).rollback(to: 1).generation == 1)
    #expect(fixture.active == "generations/1")
    try fixture.expectSound()
  }

  @Test(arguments: Spoilt.allCases)
  func `a boot loads the last good generation`(spoilt: Spoilt) throws {
    let fixture = try store(spoilt)
    let boot = try fixture.boot()
    #expect(boot.generation == 2 && boot.path == fixture.path("generations/2") && boot.reverted == .unknown)
    #expect(fixture.active == "generations/2")
    try fixture.expectSound()
  }

  @Test func `a generation whose folder is gone falls back`() throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2", ActivationOptions(confirmed: true))
    try FileManager.default.removeItem(atPath: fixture.path("generations/2"))
    #expect(code { try ActiveState.read(fixture.root) } == .integrity)
    #expect(try fixture.boot().generation == 1)
    #expect(fixture.active == "generations/1")
    try fixture.expectSound()
  }

  @Test(arguments: [Breaking.flippedByte, .truncated, .emptied, .removed])
  func `a broken generation.json is found, and there is a way back`(how: Breaking) throws {
    let fixture = try StoreFixture.copied()
    try fixture.open().activate("robot_001_v2", ActivationOptions(confirmed: true))
    try breaking(fixture.path("generations/2/generation.json"), how)
    let registry = try fixture.open()
    if how != .flippedByte {
      let error = try failure { try ActiveState.read(fixture.root) }
      #expect([.integrity, .notFound].contains(error.code), "\(error)")
    }
    let damage = try registry.verify().damaged
    #expect(damage.contains { $0.kind == .generation && $0.paths == ["generations/2/generation.json"] })
    #expect(try fixture.boot().generation == 2, "the index knows the set")
    #expect(try registry.rollback().generation == 1)
    #expect(try ActiveState.read(fixture.root).generation == 1)
  }

  @Test func `a link inside a generation that leads elsewhere is found`() throws {
    let fixture = try StoreFixture.copied()
    let link = fixture.path("generations/1/robot_001")
    try #require(unlink(link) == 0 && symlink("../../versions/robot_001_v3", link) == 0)
    let damage = try fixture.open().verify().damaged
    #expect(damage.map(\.paths) == [["generations/1/robot_001"]] && damage.first?.kind == .link)
    #expect(try !fixture.open().status().problems.isEmpty)
  }
}
