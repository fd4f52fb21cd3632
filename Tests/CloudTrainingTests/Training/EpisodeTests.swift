import DurableFiles
import CloudTraining
import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@Suite struct EpisodeTests {
  @Test func `both layouts are packed whole, and the same episodes make the same archive`() throws {
    var digests: Set<Digest> = []
    for label in ["one", "two"] {
      let hall = try TrainingHall(label)
      try hall.record(["ep-1", "ep-2", "ep-3", "ü-4"])
      let result = try hall.service(hall.registry()).uploadEpisodes()
      #expect(result.uploadedEpisodes == 4 && result.rejected.isEmpty)
      let archive = try #require(result.archives.first)
      digests.insert(archive.digest)
      let path = hall.fixture.scratch("remote") + "/episodes/" + archive.uri.split(separator: "/").last!
      let listed = try Shell.run("/usr/bin/python3", ["-m", "zipfile", "-l", path])
      for name in [
        "ep-1.json", "ep-2/blobs/ep-2.bin", "ep-2/metadata.json", "ep-2/steps/000.jsonl", "ü-4/metadata.json",
      ] {
        #expect(listed.contains(name), "\(name) in \(listed)")
      }
      let manifest = try ArchiveManifest(
        parsing: [UInt8](Data(contentsOf: URL(filePath: path.dropLast(3) + "json"))))
      #expect(
        manifest.archive == archive.digest && manifest.episodes.map(\.id) == ["ep-1", "ep-2", "ep-3", "ü-4"])
      #expect(manifest.episodes.map(\.steps) == [2, 2, 2, 2])
      #expect(try Shell.run("/usr/bin/sha256sum", [path]).hasPrefix(archive.digest.hex))
    }
    #expect(digests.count == 1)
  }

  @Test func `what was sent is not sent again, unless asked`() throws {
    let hall = try TrainingHall()
    let service = hall.service(try hall.registry())
    try hall.record(["ep-1", "ep-2"])
    #expect(try service.uploadEpisodes().uploadedEpisodes == 2)
    let second = try service.uploadEpisodes()
    #expect(second.uploadedEpisodes == 0 && second.knownEpisodes == 2 && second.archives.isEmpty)
    try hall.record(["ep-1", "ep-2", "ep-3"])
    #expect(try service.uploadEpisodes().uploadedEpisodes == 1)
    hall.fixture.time.advance(seconds: 60)
    #expect(try service.uploadEpisodes(again: true).uploadedEpisodes == 3)
  }

  @Test func `what is half written or malformed is left out with its reason, and the rest goes up`() throws {
    let hall = try TrainingHall()
    try hall.record(["ep-1", "ep-2"])
    let good = #"{"metadata":{},"steps":[{"a":1}]}"#
    let bad: [(String, String)] = [
      ("cut.json", String(good.dropLast(4))), ("empty.json", ""), ("array.json", "[]"),
      ("no-steps.json", #"{"metadata":{},"steps":[]}"#), ("no-metadata.json", #"{"steps":[{}]}"#),
      ("steps-of-numbers.json", #"{"metadata":{},"steps":[1]}"#),
      ("nan.json", #"{"metadata":{},"steps":[{"a":NaN}]}"#),
      ("twice.json", #"{"metadata":{},"steps":[{}],"steps":[{}]}"#), ("behind.json", good + "x"),
      ("folder/notes.txt", "no metadata"), ("folder-2/metadata.json", "{}"),
      ("folder-3/metadata.json", "{}"), ("folder-3/steps/0.jsonl", "{\"a\":1}\n{\"a\":"),
      ("folder-4/metadata.json", "{}"), ("folder-4/steps/0.jsonl", "{}\n"),
      ("folder-4/step_0_rgb.npy", "cut"),
      ("readme.md", "no episode"), ("both.json", good), ("both/metadata.json", "{}"),
      ("both/steps/0.jsonl", "{}\n"),
    ]
    for (name, text) in bad { try hall.fixture.scratch.write("recordings/\(name)", text) }
    try hall.fixture.scratch.write("recordings/.hidden/x", "ignored")
    try FileManager.default.createSymbolicLink(
      atPath: hall.fixture.scratch("recordings/ep-2/link"), withDestinationPath: "/etc/passwd")
    let result = try hall.service(hall.registry()).uploadEpisodes()
    #expect(result.uploadedEpisodes == 1 && result.validEpisodes == 1)
    let names = Set(result.rejected.map(\.name))
    #expect(
      names == [
        "cut", "empty", "array", "no-steps", "no-metadata", "steps-of-numbers", "nan", "twice", "behind",
        "folder",
        "folder-2", "folder-3", "folder-4", "readme.md", "both", "ep-2",
      ])
    #expect(result.rejected.allSatisfy { !$0.reason.isEmpty })
  }

  @Test func `an empty folder is nothing to do`() throws {
    let hall = try TrainingHall()
    try FileManager.default.createDirectory(
      atPath: hall.fixture.scratch("recordings"), withIntermediateDirectories: true)
    let result = try hall.service(hall.registry()).uploadEpisodes()
    #expect(result.archives.isEmpty && result.rejected.isEmpty)
    let missing = #expect(throws: RegistryError.self) {
      _ = try hall.service(hall.registry()).uploadEpisodes(from: hall.fixture.scratch("nowhere"))
    }
    #expect(missing?.code == .notFound)
  }

  @Test func `what was packed and not sent is sent first, and a lost index learns what was sent`() throws {
    let hall = try TrainingHall()
    try hall.record(["ep-1", "ep-2"])
    let away = hall.remote + ".away"
    try FileManager.default.moveItem(atPath: hall.remote, toPath: away)
    let error = #expect(throws: RegistryError.self) { _ = try hall.service(hall.registry()).uploadEpisodes() }
    #expect(error?.code == .remote)
    try FileManager.default.moveItem(atPath: away, toPath: hall.remote)
    let result = try hall.service(hall.registry()).uploadEpisodes()
    #expect(result.archives.count == 1)
    try hall.record(["ep-1", "ep-2", "ep-3"])
    #expect(try hall.service(hall.registry()).packEpisodes().packedEpisodes == 1)
    let foreign = "\(hall.remote)/episodes/robot_001_20260101T000000Z_00000000.json"
    try Data("{".utf8).write(to: URL(filePath: foreign))
    for name in try FileManager.default.contentsOfDirectory(atPath: hall.fixture.root)
    where name.hasPrefix("registry.db") {
      try FileManager.default.removeItem(atPath: "\(hall.fixture.root)/\(name)")
    }
    _ = try Registry.rebuild(hall.fixture.root, hall.fixture.options())
    let again = try hall.service(hall.registry()).uploadEpisodes()
    #expect(again.archives.map(\.episodes) == [1] && again.knownEpisodes == 3)
  }

  @Test
  func `what was packed without a network is sent first; what is damaged is told and keeps nothing back`()
    throws
  {
    let hall = try TrainingHall()
    let service = hall.service(try hall.registry())
    try hall.record(["ep-1"])
    #expect(try service.packEpisodes().packedEpisodes == 1)
    #expect(try service.packEpisodes().packedEpisodes == 0)
    let folder = hall.fixture.root + "/private/episodes"
    let zip = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".zip") })
    var bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(zip)"))
    bytes[60] ^= 1
    try bytes.write(to: URL(filePath: "\(folder)/\(zip)"))
    hall.fixture.time.advance(seconds: 5)
    let result = try service.uploadEpisodes()
    #expect(result.problems.count == 1 && result.problems[0].contains(zip))
    #expect(result.uploadedEpisodes == 1)
    #expect(FileManager.default.fileExists(atPath: "\(folder)/\(zip)"))
    // Twice within a second they are one archive.
    #expect(try service.uploadEpisodes(again: true).problems.count == 1)
    #expect(try service.uploadEpisodes(again: true).problems.count == 1)
  }

  #if DEBUG
    @Test func `an upload that fails at any step is finished by the next`() throws {
      let hall = try TrainingHall()
      try hall.record(["ep-1", "ep-2"])
      let plan = FaultPlan(.record)
      let rehearsal = try StoreFixture(copying: hall.fixture)
      try FaultPlan.$current.withValue(plan) {
        _ = try TrainingHall(at: rehearsal).upload()
      }
      #expect(plan.count > 10)
      for step in 1...plan.count {
        let copy = TrainingHall(at: try StoreFixture(copying: hall.fixture))
        FaultPlan.$current.withValue(FaultPlan(.fail(at: step, errno: EIO))) { _ = try? copy.upload() }
        _ = try copy.upload()
        let sent = try copy.registry().uploadedArchives()
        #expect(sent.count == 1 && sent.first?.episodes == 2, "step \(step): \(plan.steps[step - 1])")
        let objects = try FileManager.default.contentsOfDirectory(atPath: copy.remote + "/episodes")
        #expect(objects.filter { $0.hasSuffix(".zip") }.count == 1, "step \(step): \(plan.steps[step - 1])")
        let left = try FileManager.default.contentsOfDirectory(
          atPath: copy.fixture.root + "/private/episodes")
        #expect(left == ["lock"], "step \(step): \(plan.steps[step - 1])")
      }
    }
  #endif
}

extension TrainingHall {
  /// The remote lies beside the store, and so elsewhere in a copy.
  func upload() throws -> EpisodeUploadResult {
    let registry = try registry()
    try registry.setRemote(RemoteURI(parsing: "file://\(remote)"))
    return try service(registry).uploadEpisodes(from: fixture.scratch("recordings"))
  }
}

enum Shell {
  static func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
