import ModelRegistry
import TestSupport
import Testing

@Suite struct `The main job` {
  @Test func `a bad version on trial goes back to the good one`() throws {
    let fixture = try StoreFixture.ready()
    let registry = try fixture.open()
    #expect(try registry.activate("robot_001_v2").state == .trial)
    let back = try registry.health(.fault("gripper oscillates"))
    #expect(back.generation == 1)
    #expect(back.state == .confirmed)
    #expect(try ActiveState.read(fixture.root).set.sorted.map(\.version.number) == [1])
    #expect(throws: RegistryError.self) { try registry.activate("robot_001_v2") }
    #expect(try registry.verify(full: true).damaged.isEmpty)
    #expect(try registry.verifyAudit().problems.isEmpty)
  }
}
