import DurableFiles
import ModelRegistry
import TestSupport
import Testing

@Suite struct PublishAgainTests {
  @Test func `equal content gives the version that is there`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let changed = try change(of: fixture.root) { () throws in
      let again = try fixture.publish("two", in: registry) { request in
        request.note = "said differently"
        request.createdAt = Timestamp(milliseconds: 1)
      }
      #expect(again.version.number == 2 && again.existing && again.reusedBytes == again.bytes)
      #expect(try again.digest == fixture.digest("robot_001_v2"))
      #expect(try fixture.publish("two", number: 9, in: registry).version.number == 2)
    }
    #expect(changed == [])
    #expect(try registry.versions().items.count == 3)
  }

  @Test func `other metadata is another version`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let other = try fixture.publish("two", in: registry) { $0.metrics = ["loss": 1] }
    #expect(other.version.number == 4 && !other.existing)
  }

  @Test func `equal content that was uninstalled is installed again, also after gc`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    for collects in [false, true] {
      _ = try registry.uninstall("robot_001_v2")
      if collects { _ = try registry.collect() }
      #expect(!fixture.exists("versions/robot_001_v2"))
      let again = try fixture.publish("two", in: registry)
      #expect(again.existing && again.version.number == 2)
      #expect(try fixture.text("versions/robot_001_v2/lora_adapters.npz") == "weights of two")
      #expect(try registry.versions().items.allSatisfy(\.isInstalled))
    }
    try fixture.expectSound()
  }

  @Test func `a number that other content has is refused, and nothing is left behind`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let changed = try change(of: fixture.root) { () throws in
      let error = try failure { try fixture.publish("new", number: 2, in: registry) }
      #expect(error.code == .refused && error.message.contains("robot_001_v2"))
      // The same content under its own number and under a number that is taken by something else.
      #expect(code { try fixture.publish("one", number: 2, in: registry) } == .refused)
      #expect(try fixture.publish("one", number: 1, in: registry).existing)
    }
    #expect(changed == [])
  }

  @Test func `publishing again writes no file's bytes`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let plan = FaultPlan(.record)
    try FaultPlan.$current.withValue(plan) { _ = try fixture.publish("two", in: registry) }
    #expect(plan.count > 0)
    #expect(
      plan.steps.filter { $0.hasPrefix("write") || $0.hasPrefix("create") || $0.hasPrefix("clone") } == [])
    let first = FaultPlan(.record)
    try FaultPlan.$current.withValue(first) { _ = try fixture.publish("unseen", in: registry) }
    #expect(first.steps.contains { $0.hasPrefix("write") }, "the plan sees writes where there are some")
  }

  @Test func `files of equal size that differ are told apart`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    // Larger than three samples and differing only between them.
    var bytes = [UInt8](repeating: 7, count: 100_000)
    let path = try fixture.scratch.write("weights", bytes)
    try registry.publish(PublishRequest(adapter: "robot_001", paths: [path]))
    bytes[20_000] = 8
    try fixture.scratch.write("weights", bytes)
    let second = try registry.publish(PublishRequest(adapter: "robot_001", paths: [path]))
    #expect(second.version.number == 2 && !second.existing && second.reusedBytes == 0)
    #expect(try fixture.bytes("versions/robot_001_v2/weights") == bytes)
    try fixture.expectSound()
  }
}
