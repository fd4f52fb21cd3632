import ModelRegistry
import TestSupport
import Testing

@Suite struct RepublishTests {
  @Test func `the content of a version gets a new number, and no bytes move`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let inode = try fixture.inode(fixture.blob(of: "robot_001_v1"))
    let result = try registry.republish("robot_001_v1")
    #expect(result.version.number == 4 && !result.existing && result.reusedBytes == result.bytes)
    #expect(try fixture.inode(fixture.blob(of: "robot_001_v4")) == inode)
    let (old, new) = try (registry.show("robot_001_v1").1, registry.show("robot_001_v4").1)
    #expect(new.files == old.files && new.metrics == old.metrics && new.base == old.base)
    #expect(try registry.republish("robot_001_v4", number: 9).version.number == 9, "always a new number")
    try registry.activate("robot_001_v9")
    try fixture.expectSound()
  }

  @Test func `a taken number is refused, and so is a version whose bytes are gone`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    _ = try registry.uninstall("robot_001_v3")
    _ = try registry.collect()
    let changed = try change(of: fixture.root) { () throws in
      #expect(code { try registry.republish("robot_001_v1", number: 2) } == .refused)
      #expect(code { try registry.republish("robot_001_v3") } == .notFound)
      #expect(code { try registry.republish("robot_001_v7") } == .notFound)
    }
    #expect(changed == [])
    try fixture.expectSound()
  }
}
