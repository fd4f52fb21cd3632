import Foundation
import ModelRegistry
import TestSupport
import Testing

/// A registry that stays open for long, as a service has it, while others work on the same store.
@Suite struct StaleRegistryTests {
  @Test func `a registry is not stale while its index is the one that it opened`() throws {
    let fixture = try StoreFixture.ready()
    let registry = try fixture.open()
    try fixture.publish("four")
    _ = try Registry.rebuild(fixture.root, fixture.options())
    let copy = fixture.scratch("copy")
    try registry.backup(to: copy)
    _ = try Registry.restore(fixture.root, from: copy, force: true, fixture.options())
    #expect(!registry.isStale(), "the content was replaced in its file")
    #expect(try registry.versions().items.count == 4)
    try fixture.publish("five", in: registry)
  }

  @Test func `who only reads sees that another file took the place, and holds nobody up`() throws {
    let fixture = try StoreFixture.ready()
    let reader = try Registry.openForReading(fixture.root, fixture.options())
    let names = ["registry.db", "registry.db-wal", "registry.db-shm"]
    for name in names { try FileManager.default.removeItem(atPath: fixture.path(name)) }
    #expect(reader.isStale())
    _ = try Registry.rebuild(fixture.root, fixture.options())
    #expect(reader.isStale())
    let fresh = try Registry.openForReading(fixture.root, fixture.options())
    #expect(!fresh.isStale())
    #expect(try fresh.versions().items.count == 3)
  }

  @Test func `who writes holds up only the making of an index that is lost, until it is closed`() throws {
    let fixture = try StoreFixture.ready()
    let impatient = Configuration(waitMilliseconds: 1)
    var registry: Registry? = try fixture.open()
    _ = try fixture.open(impatient).collect()
    _ = try Registry.rebuild(fixture.root, fixture.options(impatient))
    try FileManager.default.removeItem(atPath: fixture.path("registry.db"))
    #expect(registry?.isStale() == true)
    #expect(code { try Registry.rebuild(fixture.root, fixture.options(impatient)) } == .busy)
    registry = nil
    _ = try Registry.rebuild(fixture.root, fixture.options(impatient))
    #expect(try fixture.open(impatient).versions().items.count == 3)
  }

  @Test func `a registry without an index is stale when there is one again`() throws {
    let fixture = try StoreFixture.ready()
    for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
      try FileManager.default.removeItem(atPath: fixture.path(name))
    }
    var lost: Registry? = try fixture.open(acceptsLostIndex: true)
    #expect(lost?.isStale() == false)
    #expect(
      code { try Registry.rebuild(fixture.root, fixture.options(Configuration(waitMilliseconds: 1))) }
        == .busy)
    lost = nil
    let reader = try Registry.openForReading(fixture.root, fixture.options(acceptsLostIndex: true))
    _ = try Registry.rebuild(fixture.root, fixture.options())
    #expect(reader.isStale())
  }

  @Test func `another store in the place of its folder is seen`() throws {
    let fixture = try StoreFixture.ready()
    let other = try StoreFixture.ready("other")
    let registry = try fixture.open()
    try FileManager.default.moveItem(atPath: fixture.root, toPath: fixture.scratch("aside"))
    #expect(registry.isStale())
    try FileManager.default.moveItem(atPath: other.root, toPath: fixture.root)
    #expect(registry.isStale())
  }
}
