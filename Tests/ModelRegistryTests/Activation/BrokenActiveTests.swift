import Foundation
import ModelRegistry
import TestSupport
import Testing

@Suite struct BrokenActiveTests {
  @Test func `a confirmed generation whose tree is gone is left at boot, and nothing is blocked`() throws {
    let fixture = try StoreFixture.ready()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
    try FileManager.default.removeItem(atPath: "\(fixture.root)/versions/robot_001_v2")
    let boot = try fixture.boot()
    #expect(boot.generation == 1 && boot.reverted == .unknown)
    #expect(try fixture.open().status().blockedDigests == 0)
    #expect(try ActiveState.read(fixture.root).set.sorted.map(\.version.number) == [1])
  }

  @Test(arguments: ["staging", "quarantine"])
  func `scratch room that somebody cleaned away stops neither boot nor rollback`(folder: String) throws {
    let fixture = try StoreFixture.ready()
    try fixture.open().activate("robot_001_v2")
    try FileManager.default.removeItem(atPath: "\(fixture.root)/\(folder)")
    #expect(try fixture.boot().generation == 2)
    try FileManager.default.removeItem(atPath: "\(fixture.root)/\(folder)")
    #expect(try fixture.open().rollback().generation == 1)
  }

  @Test func `a confirmed generation with bad bytes is loaded with a warning`() throws {
    let fixture = try StoreFixture.ready()
    let registry = try fixture.open()
    try registry.activate("robot_001_v2", ActivationOptions(confirmed: true))
    let weights = "\(fixture.root)/versions/robot_001_v2/lora_adapters.npz"
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: weights)
    try Data("damage of two".utf8).write(to: URL(filePath: weights))
    #expect(try !registry.verify().damaged.isEmpty)
    let boot = try fixture.boot()
    #expect(boot.generation == 2 && boot.reverted == nil && boot.warnings.contains { $0.contains("damaged") })
  }
}
