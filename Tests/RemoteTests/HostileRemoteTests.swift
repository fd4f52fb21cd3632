import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// A directory remote that somebody wrote into, or that lost something.
@Suite struct HostileRemoteTests {
  private func hall() throws -> (hall: Hall, blob: String) {
    let hall = try Hall()
    try hall.publish("one", on: "left")
    let left = try hall.robot("left")
    _ = try left.push("robot_001_v1")
    let file = try #require(
      try left.files(of: "robot_001_v1").files.first { $0.path.text == "lora_adapters.npz" })
    return (hall, "blobs/sha256/\(file.digest.hex)")
  }

  private func overwrite(_ path: String, _ text: String) throws {
    try FileManager.default.removeItem(atPath: path)
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  @Test
  func `bytes that don't match their digest install nothing, and are fetched again once they are right`()
    throws
  {
    let (hall, blob) = try hall()
    let good = try String(contentsOfFile: hall.path(blob), encoding: .utf8)
    try overwrite(hall.path(blob), "weights of 0ne")
    let right = try hall.robot("right")
    let error = #expect(throws: RegistryError.self) { _ = try right.install("robot_001_v1", progress: nil) }
    #expect(error?.code == .integrity)
    #expect(try right.versions().items.isEmpty)
    let round = try right.sync()
    #expect(round.fetched.isEmpty && round.problems.count == 1)
    try overwrite(hall.path(blob), good)
    #expect(try right.sync().fetched.count == 1)
    #expect(try right.verify().damaged.isEmpty)
  }

  @Test(arguments: ["", "{}", "{\"schema\":\"manifest.v1\"}", "not JSON"])
  func `a manifest that is none is refused`(
    _ text: String
  ) throws {
    let (hall, _) = try hall()
    try overwrite(hall.path("adapters/robot_001_v1/manifest.json"), text)
    let right = try hall.robot("right")
    let error = #expect(throws: RegistryError.self) { _ = try right.install("robot_001_v1", progress: nil) }
    #expect(error?.code == .integrity)
    let round = try right.sync()
    #expect(round.fetched.isEmpty && round.problems.count == 1)
  }

  @Test func `a manifest under another version's name is refused`() throws {
    let (hall, _) = try hall()
    try hall.publish("two", on: "left")
    _ = try hall.robot("left").push("robot_001_v2")
    let bytes = try Data(contentsOf: URL(filePath: hall.path("adapters/robot_001_v2/manifest.json")))
    try FileManager.default.removeItem(atPath: hall.path("adapters/robot_001_v1/manifest.json"))
    try bytes.write(to: URL(filePath: hall.path("adapters/robot_001_v1/manifest.json")))
    let error = #expect(throws: RegistryError.self) {
      _ = try hall.robot("right").install("robot_001_v1", progress: nil)
    }
    #expect(error?.code == .integrity)
  }

  @Test func `a blob that is missing is said, and a push brings it back`() throws {
    let (hall, blob) = try hall()
    try FileManager.default.removeItem(atPath: hall.path(blob))
    let right = try hall.robot("right")
    let error = #expect(throws: RegistryError.self) { _ = try right.install("robot_001_v1", progress: nil) }
    #expect(error?.code == .notFound)
    _ = try hall.robot("left").push("robot_001_v1")
    #expect(try !right.install("robot_001_v1", progress: nil).alreadyInstalled)
  }

  @Test func `a push never takes for right what only has the name`() throws {
    let (hall, blob) = try hall()
    try overwrite(hall.path(blob), "weights of 0ne")
    let error = #expect(throws: RegistryError.self) { _ = try hall.robot("left").push("robot_001_v1") }
    #expect(error?.code == .integrity)
  }

  @Test(arguments: ["[]", "{\"version\":\"robot_001_v9\"}", String(repeating: "x", count: 100_000)])
  func `a journal entry or channel that is none is a problem of its own`(_ text: String) throws {
    let (hall, _) = try hall()
    try hall.remote.write("journal/20990101T000000000Z-robot_001_v9.json", text)
    try hall.remote.write("journal/nonsense.json", text)
    try hall.remote.write("channels/robot_001/stable.json", text)
    try hall.remote.write("robots/other.json", text)
    let round = try hall.robot("right").sync()
    #expect(round.fetched.count == 1 && round.problems.count == 2)
  }

  @Test func `an entry from the future hides nothing that comes later`() throws {
    let (hall, _) = try hall()
    let right = try hall.robot("right")
    try hall.remote.write("journal/20990101T000000000Z-robot_001_v9.json", "{}")
    _ = try right.sync()
    #expect(try #require(right.remote()?.cursor) < Timestamp(parsing: "2098-01-01T00:00:00.000Z"))
    try hall.publish("two", on: "left")
    _ = try hall.robot("left").push("robot_001_v2")
    #expect(try right.sync().fetched.map(\.number) == [2])
  }

  @Test func `a robot's own report that somebody spoilt is written again, and stops nothing`() throws {
    let (hall, _) = try hall()
    let right = try hall.robot("right")
    _ = try right.sync()
    try overwrite(hall.path("robots/right.json"), "not JSON")
    try hall.publish("two", on: "left")
    _ = try hall.robot("left").push("robot_001_v2")
    #expect(try right.sync().fetched.count == 1)
    let report = try JSONValue(
      parsing: [UInt8](Data(contentsOf: URL(filePath: hall.path("robots/right.json")))))
    #expect(report["installed"]?.asArray?.count == 2)
  }

  @Test func `what is damaged here comes back from the remote`() throws {
    let (hall, _) = try hall()
    let fixture = try hall.fixture("right")
    let right = try hall.robot("right")
    _ = try right.sync()
    let file = try #require(
      try right.files(of: "robot_001_v1").files.first { $0.path.text == "lora_adapters.npz" })
    let blob = "\(fixture.root)/blobs/sha256/\(file.digest.hex.prefix(2))/\(file.digest.hex)"
    chmod(blob, 0o644)
    let handle = try #require(FileHandle(forWritingAtPath: blob))
    try handle.write(contentsOf: Data("W".utf8))
    try handle.close()
    #expect(try right.verify().damaged.count >= 1)
    let result = try right.verify(repair: true)
    #expect(result.damaged.isEmpty && result.repaired == [file.digest])
    #expect(try right.verify(full: true).damaged.isEmpty)
    let text = try String(
      contentsOfFile: "\(fixture.root)/versions/robot_001_v1/lora_adapters.npz", encoding: .utf8)
    #expect(text == "weights of one")
  }

  @Test func `a folder on the remote is imported, and an address alone imports nothing`() throws {
    let (hall, _) = try hall()
    let right = try hall.robot("right")
    let inside = try ForeignModel.plan02("four").write("models/robot_001_v4", in: hall.remote)
    let result = try right.importVersions(ImportRequest(path: "file://\(inside)"))
    #expect(result.map(\.version.description) == ["robot_001_v4"])
    let elsewhere = try Scratch("elsewhere")
    let outside = try ForeignModel.plan02("five", version: "v5").write("robot_001_v5", in: elsewhere)
    let request = ImportRequest(path: "file://\(outside)")
    let error = #expect(throws: RegistryError.self) { try right.importVersions(request) }
    #expect(error?.code == .refused)
    let allowed = try RemoteURI(parsing: "file://\(elsewhere.path)")
    let trusting = try hall.robot("right") { $0.remote.allowed = [allowed] }
    #expect(try trusting.importVersions(request).map(\.version.number) == [5])
  }
}
