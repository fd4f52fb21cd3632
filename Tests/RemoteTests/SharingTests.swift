import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@Suite struct SharingTests {
  private func v(_ text: String) throws -> VersionID { try VersionID(parsing: text) }

  @Test func `what one robot publishes another has, byte for byte, with its lineage`() throws {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    try hall.publish("two", on: "left") { request in
      request.base = "robot_001_v1"
      request.job = Manifest.JobReference(id: "job_0123456789ab", seed: 7)
      request.metrics = ["final_loss": 0.25]
    }
    let left = try hall.robot("left")
    for version in ["robot_001_v1", "robot_001_v2"] { _ = try left.push(Reference(parsing: version)) }
    let right = try hall.robot("right")
    let result = try right.sync()
    #expect(try result.fetched == [v("robot_001_v1"), v("robot_001_v2")])
    #expect(result.conflicts.isEmpty && result.problems.isEmpty)
    for version in result.fetched {
      #expect(try left.account(of: version) == right.account(of: version))
      #expect(try right.show(.version(version)).0.isInstalled)
    }
    #expect(try right.install("robot_001_v2", progress: nil).alreadyInstalled)
    try right.activate("robot_001_v2")
    #expect(try right.sync().isQuiet)
    #expect(try right.verify().damaged.isEmpty)
  }

  @Test func `checksums lie beside the manifest and hold in a copy of the prefix`() throws {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    _ = try hall.robot("left").push("robot_001_v1", plain: true)
    let check = Process()
    check.executableURL = URL(filePath: "/usr/bin/sha256sum")
    check.arguments = ["-c", "--strict", "--quiet", "checksum.sha256"]
    check.currentDirectoryURL = URL(filePath: hall.path("adapters/robot_001_v1"))
    try check.run()
    check.waitUntilExit()
    #expect(check.terminationStatus == 0)
    let plain = try String(
      contentsOfFile: hall.path("adapters/robot_001_v1/lora_adapters.npz"), encoding: .utf8)
    #expect(plain == "weights of one")
  }

  @Test func `a push that is repeated writes what is missing, the journal's entry included`() throws {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    let left = try hall.robot("left")
    _ = try left.push("robot_001_v1")
    let journal = try FileManager.default.contentsOfDirectory(atPath: hall.path("journal"))
    #expect(journal.count == 1)
    for name in journal { try FileManager.default.removeItem(atPath: hall.path("journal/\(name)")) }
    try FileManager.default.removeItem(atPath: hall.path("adapters/robot_001_v1/checksum.sha256"))
    _ = try left.push("robot_001_v1")
    #expect(try FileManager.default.contentsOfDirectory(atPath: hall.path("journal")) == journal)
    #expect(FileManager.default.fileExists(atPath: hall.path("adapters/robot_001_v1/checksum.sha256")))
  }

  @Test func `one number for two versions is refused with both digests, and gets another number`() throws {
    let hall = try Hall()
    let one = try hall.publish("one", on: "left")
    let two = try hall.publish("two", on: "right")
    _ = try hall.robot("left").push("robot_001_v1")
    let right = try hall.robot("right")
    let error = #expect(throws: RegistryError.self) { _ = try right.push("robot_001_v1") }
    #expect(error?.code == .refused)
    #expect(
      error?.message.contains(one.digest.short) == true && error?.message.contains(two.digest.short) == true)
    let result = try right.sync()
    #expect(try result.conflicts.map(\.version) == [v("robot_001_v1")])
    #expect(try right.sync().conflicts.isEmpty)  // said once
    let again = try right.republish("robot_001_v1")
    _ = try right.push(.version(again.version))
    #expect(try hall.robot("left").sync().fetched == [again.version])
  }

  @Test func `without its remote a robot goes on, and what waits is sent later`() throws {
    let hall = try Hall()
    let left = try hall.robot("left")
    try FileManager.default.moveItem(atPath: hall.remote.path, toPath: hall.remote.path + ".away")
    try hall.publish("one", on: "left")
    let error = #expect(throws: RegistryError.self) { _ = try left.push("robot_001_v1") }
    #expect(error?.code == .remote && error?.unchanged.contains("waits") == true)
    #expect(throws: RegistryError.self) { _ = try left.sync() }
    #expect(throws: RegistryError.self) {
      try left.setChannel(ChannelName(parsing: "stable"), to: "robot_001_v1")
    }
    try left.activate("robot_001_v1")
    #expect(try left.status().remote?.waiting.map(\.version) == [v("robot_001_v1")])
    try FileManager.default.moveItem(atPath: hall.remote.path + ".away", toPath: hall.remote.path)
    #expect(try left.sync().pushed == [v("robot_001_v1")])
    #expect(try left.status().remote?.waiting.isEmpty == true)
    #expect(try hall.robot("right").sync().fetched == [v("robot_001_v1")])
  }

  @Test func `latest and channels are the remote's`() throws {
    let hall = try Hall()
    let left = try hall.robot("left")
    for content in ["one", "two", "three"] {
      let made = try hall.publish(content, on: "left")
      _ = try left.push(.version(made.version))
    }
    let stable = try ChannelName(parsing: "stable")
    try left.setChannel(stable, to: "robot_001_v2", reason: "best so far")
    let right = try hall.robot("right")
    #expect(try right.install("robot_001@stable", progress: nil).version == v("robot_001_v2"))
    #expect(try right.install("robot_001@latest", progress: nil).version == v("robot_001_v3"))
    _ = try right.sync()
    let channels = try right.channels().items
    #expect(channels.map(\.version) == [try v("robot_001_v2")] && channels.first?.reason == "best so far")
    try right.setChannel(stable, to: "robot_001_v3")
    let moved = try left.sync()
    #expect(moved.channels.map(\.version) == [try v("robot_001_v3")] && moved.channels.map(\.seq) == [2])
  }

  @Test func `robots that have a bad episode's versions are named with the age of their report`() throws {
    let hall = try Hall()
    let manifest = try hall.fixture("left").archive("week-1", episodes: ["ep-1", "ep-2"])
    try hall.publish("one", on: "left") { $0.archives = [manifest] }
    _ = try hall.robot("left").push("robot_001_v1")
    let right = try hall.robot("right")
    _ = try right.sync()
    try right.activate("robot_001_v1")
    _ = try right.sync()
    let left = try hall.robot("left")
    _ = try left.sync()
    let page = try left.impact(of: "ep-2")
    #expect(page.versions.map(\.version.version) == [try v("robot_001_v1")])
    #expect(page.robots.map(\.robot) == ["left", "right"])
    #expect(page.robots.last?.active == [try v("robot_001_v1")])
  }

  @Test
  func `a mark of the remote that says nothing is a problem beside others, and stops nothing that is here`()
    throws
  {
    let hall = try Hall()
    let fixture = try hall.fixture("left")
    try hall.publish("one", on: "left")
    let mark = "\(fixture.root)/marks/remote"
    try FileManager.default.removeItem(atPath: mark)
    try FileManager.default.createSymbolicLink(atPath: mark, withDestinationPath: "nonsense")
    let left = try fixture.open()
    #expect(try left.status().problems.contains { $0.contains("nonsense") })
    #expect(throws: RegistryError.self) { _ = try left.sync() }
    try left.activate("robot_001_v1")
    try left.setRemote(hall.uri)
    #expect(try left.status().problems.isEmpty)
  }
}
