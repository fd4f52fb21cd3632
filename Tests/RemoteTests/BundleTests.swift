import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@Suite struct BundleTests {
  private func bundled() throws -> (from: StoreFixture, file: String) {
    let fixture = try StoreFixture("from")
    let registry = try fixture.open()
    let archive = try fixture.archive("week-1", episodes: ["ep-1", "ep-2"])
    try fixture.publish("one", in: registry)
    try fixture.publish("two", in: registry) { request in
      request.base = "robot_001_v1"
      request.archives = [archive]
    }
    try registry.setChannel(ChannelName(parsing: "stable"), to: "robot_001_v2", reason: "rig")
    let file = fixture.scratch("stick.tar")
    _ = try registry.createBundle(["robot_001_v1", "robot_001_v2"], at: file)
    return (fixture, file)
  }

  @Test func `versions, lineage and channels arrive as they were`() throws {
    let (from, file) = try bundled()
    let to = try StoreFixture("to")
    let registry = try to.open()
    let result = try registry.installBundle(at: file)
    #expect(result.versions.map(\.version.description) == ["robot_001_v1", "robot_001_v2"])
    #expect(result.channels.map(\.channel) == ["robot_001@stable"])
    for version in result.versions.map(\.version) {
      #expect(try from.open().account(of: version) == registry.account(of: version))
    }
    #expect(try registry.impact(of: "ep-1").versions.count == 1)
    #expect(try registry.installBundle(at: file).versions.allSatisfy(\.alreadyInstalled))
    try registry.activate("robot_001@stable")
    #expect(try registry.verify().damaged.isEmpty)
  }

  @Test func `the same versions make the same bytes, and a file is never replaced`() throws {
    let (from, file) = try bundled()
    let registry = try from.open()
    let again = from.scratch("again.tar")
    _ = try registry.createBundle(["robot_001_v2", "robot_001_v1", "robot_001@latest"], at: again)
    #expect(FileManager.default.contentsEqual(atPath: file, andPath: again))
    let error = #expect(throws: RegistryError.self) {
      _ = try registry.createBundle(["robot_001_v1"], at: file)
    }
    #expect(error?.code == .refused)
  }

  @Test func `unpacked it is a remote`() throws {
    let (from, file) = try bundled()
    let folder = from.scratch("unpacked")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let tar = Process()
    tar.executableURL = URL(filePath: "/bin/tar")
    tar.arguments = ["xf", file, "-C", folder]
    try tar.run()
    tar.waitUntilExit()
    let to = try StoreFixture("to")
    let registry = try to.open()
    try registry.setRemote(RemoteURI(parsing: "file://\(folder)"))
    #expect(try registry.install("robot_001@stable", progress: nil).version.number == 2)
  }

  @Test(arguments: [10, 700, 1500, 3000, 5000, 9000]) func `any flipped byte or cut installs nothing`(
    _ position: Int
  ) throws {
    let (from, file) = try bundled()
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: file)))
    var flipped = bytes
    flipped[min(position, bytes.count - 2000)] ^= 1
    for (name, content) in [("flipped", flipped), ("cut", Array(bytes.prefix(position)))] {
      let bad = try from.scratch.write("\(name)-\(position).tar", content)
      let to = try StoreFixture("to")
      let before = try StoreSnapshot(to.root)
      let outcome = Result { try to.open().installBundle(at: bad) }
      guard case .failure(let error) = outcome else {
        // Padding between entries says nothing.
        #expect(name == "flipped")
        #expect(try to.open().verify().damaged.isEmpty)
        continue
      }
      #expect((error as? RegistryError)?.code == .integrity, "\(name) at \(position): \(error)")
      #expect(try StoreSnapshot(to.root) == before)
    }
  }

  @Test func `a name that means another version here is refused with both digests`() throws {
    let (from, file) = try bundled()
    defer { withExtendedLifetime(from) {} }
    let to = try StoreFixture("to")
    let own = try to.publish("other", in: to.open())
    let error = #expect(throws: RegistryError.self) { _ = try to.open().installBundle(at: file) }
    #expect(error?.code == .refused && error?.message.contains(own.digest.short) == true)
    #expect(try to.open().versions().items.count == 1)
  }
}
