import Foundation
@testable import ModelRegistry
import RegistryModel
import TestSupport
import Testing

/// A verb that is stopped in the middle leaves what a kill there would leave, and goes well when it is run again.
@Suite struct CancellationTests {
  /// A verb that tells of its progress, on two robots and the remote that they share.
  struct Verb: Sendable, CustomTestStringConvertible {
    let name: String
    /// Whose store is written to.
    var robot = "left"
    let prepare: @Sendable (Hall) throws -> Void
    let run: @Sendable (Hall, ProgressHandler?) throws -> Void
    var testDescription: String { name }
  }

  /// Some megabytes, so that there is a middle; others for each seed.
  private static func weights(_ seed: UInt8) -> [UInt8] {
    (0..<3_300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(seed) &+ $0 >> 12) }
  }

  private static func request(_ hall: Hall, _ seed: UInt8) throws -> PublishRequest {
    let scratch = try hall.fixture("left").scratch
    try scratch.write("model-\(seed)/weights.bin", weights(seed))
    try scratch.write("model-\(seed)/config.json", "{\"rank\":\(seed)}")
    return PublishRequest(
      adapter: try AdapterName(parsing: "robot_001"), paths: [scratch("model-\(seed)")])
  }

  private static func publish(_ hall: Hall, _ seed: UInt8) throws {
    try hall.robot("left").publish(request(hall, seed))
  }

  private static func archive(_ hall: Hall) throws -> String {
    _ = try request(hall, 7)
    let scratch = try hall.fixture("left").scratch
    let path = scratch("adapter.tar")
    let tar = Process()
    tar.executableURL = URL(filePath: "/bin/tar")
    tar.arguments = ["-cf", path, "-C", scratch.path, "model-7"]
    try tar.run()
    tar.waitUntilExit()
    return path
  }

  private static func recordings(_ hall: Hall) throws -> String {
    let scratch = try hall.fixture("left").scratch
    let steps = Array(repeating: #"{"a":1}"#, count: 80_000).joined(separator: ",")
    for episode in ["ep-1", "ep-2"] {
      try scratch.write("recordings/\(episode).json", #"{"metadata":{},"steps":[\#(steps)]}"#)
    }
    return scratch("recordings")
  }

  static let verbs = [
    Verb(name: "publish", prepare: { _ = try request($0, 1) }) { hall, progress in
      try hall.robot("left").publish(request(hall, 1), progress: progress)
    },
    Verb(name: "import of a file", prepare: { _ = try request($0, 2) }) { hall, progress in
      let path = try hall.fixture("left").scratch.write("robot_002_v1.safetensors", weights(2))
      try hall.robot("left").importVersions(ImportRequest(path: path), progress: progress)
    },
    Verb(name: "push", prepare: { try publish($0, 1) }) { hall, progress in
      _ = try hall.robot("left").push("robot_001_v1", plain: true, progress: progress)
    },
    Verb(
      name: "install from the remote", robot: "right",
      prepare: { hall in
        try publish(hall, 1)
        _ = try hall.robot("left").push("robot_001_v1")
      }
    ) { hall, progress in
      _ = try hall.robot("right").install("robot_001@latest", progress: progress)
    },
    Verb(
      name: "sync that brings", robot: "right",
      prepare: { hall in
        for seed in [1, 2] as [UInt8] { try publish(hall, seed) }
        for name in ["robot_001_v1", "robot_001_v2"] as [Reference] { _ = try hall.robot("left").push(name) }
        try hall.robot("left").setChannel(ChannelName(parsing: "stable"), to: "robot_001_v2")
      }
    ) { hall, progress in
      let result = try hall.robot("right").sync(progress: progress)
      #expect(result.problems.isEmpty && result.conflicts.isEmpty)
    },
    Verb(
      name: "sync that sends",
      prepare: { hall in
        try publish(hall, 1)
        let stop = Stop(at: 1)
        #expect(throws: RegistryError.self) {
          _ = try hall.robot("left").push("robot_001_v1", progress: stop.handler)
        }
      }
    ) { hall, progress in
      let result = try hall.robot("left").sync(progress: progress)
      #expect(result.problems.isEmpty && result.conflicts.isEmpty)
    },
    Verb(name: "verify", prepare: { try publish($0, 1) }) { hall, progress in
      let result = try hall.robot("left").verify(full: true, progress: progress)
      #expect(result.damaged == [])
    },
    Verb(
      name: "verify that repairs", robot: "right",
      prepare: { hall in
        try publish(hall, 1)
        _ = try hall.robot("left").push("robot_001_v1")
        _ = try hall.robot("right").install("robot_001_v1", progress: nil)
      }
    ) { hall, progress in
      let root = try hall.fixture("right").root
      let file = try #require(try hall.robot("right").files(of: "robot_001_v1").files.last)
      let blob = "\(root)/blobs/sha256/\(file.digest.hex.prefix(2))/\(file.digest.hex)"
      chmod(blob, 0o644)
      try Data("spoilt".utf8).write(to: URL(filePath: blob))
      let result = try hall.robot("right").verify(repair: true, progress: progress)
      #expect(result.damaged == [] && result.warnings == [] && !result.repaired.isEmpty)
    },
    Verb(name: "episodes upload", prepare: { _ = try recordings($0) }) { hall, progress in
      let result = try hall.robot("left").uploadEpisodes(from: recordings(hall), progress: progress)
      #expect(result.problems.isEmpty && result.rejected.isEmpty && result.archives.count <= 1)
    },
    Verb(name: "bundle create", prepare: { try publish($0, 1) }) { hall, progress in
      let path = try hall.fixture("left").scratch("bundle-\(UUID().uuidString).tar")
      defer { try? FileManager.default.removeItem(atPath: path) }
      _ = try hall.robot("left").createBundle(["robot_001_v1"], at: path, progress: progress)
    },
    Verb(
      name: "bundle install", robot: "right",
      prepare: { hall in
        try publish(hall, 1)
        _ = try hall.robot("left").createBundle(
          ["robot_001_v1"], at: hall.fixture("left").scratch("bundle.tar"))
      }
    ) { hall, progress in
      _ = try hall.robot("right").installBundle(
        at: hall.fixture("left").scratch("bundle.tar"), progress: progress)
    },
    Verb(
      name: "import of an archive",
      prepare: { hall in _ = try archive(hall) }
    ) { hall, progress in
      // No layout that anybody knows: it is refused once all of it was read, and never by a stop.
      let error = #expect(throws: RegistryError.self) {
        try hall.robot("left").importVersions(
          ImportRequest(path: hall.fixture("left").scratch("adapter.tar")), progress: progress)
      }
      if let error, error.code == .cancelled { throw error }
    },
  ]

  @Test(arguments: verbs) func `a verb that is stopped leaves nothing half done, and goes well again`(
    _ verb: Verb
  ) throws {
    let hall = try Hall()
    let fixture = try hall.fixture(verb.robot)
    try verb.prepare(hall)
    var stops = 0
    for limit in 1...40 {
      let stop = Stop(at: limit)
      do {
        try verb.run(hall, stop.handler)
        #expect(!stop.isReached, "it was stopped, and says that it is done")
        break
      } catch let error as RegistryError {
        try #require(error.code == .cancelled && error.message.contains("stop"), "\(error)")
        stops += 1
      }
      // Nothing that was staged stays.
      let staged = try FileManager.default.subpathsOfDirectory(atPath: "\(fixture.root)/staging")
      #expect(staged.filter { $0.contains("/") && !$0.hasSuffix("/lock") } == [])
      if verb.name != "verify that repairs" {
        #expect(StoreInvariants(fixture.root).checkSettled(fixture.options(), verifies: false) == [])
      }
    }
    #expect(stops > 0)
    try verb.run(hall, nil)
    #expect(StoreInvariants(fixture.root).checkSettled(fixture.options()) == [])
    let registry = try hall.robot(verb.robot)
    #expect(try registry.status().problems == [])
    #expect(try registry.remote()?.waiting.isEmpty == true)
  }

  @Test func `what was fetched before a stop is not fetched again`() throws {
    let hall = try Hall()
    try Self.publish(hall, 1)
    _ = try hall.robot("left").push("robot_001_v1")
    let right = try hall.robot("right")
    #expect(throws: RegistryError.self) {
      _ = try right.install("robot_001_v1", progress: Stop(at: 4).handler)
    }
    let transfers = "\(try hall.fixture("right").root)/private/transfers"
    let parts = try FileManager.default.contentsOfDirectory(atPath: transfers)
    #expect(parts.contains { !$0.hasSuffix(".lock") })
    #expect(try right.versions().items.isEmpty)
    _ = try right.install("robot_001_v1", progress: nil)
    #expect(try right.verify(full: true).damaged == [])
  }

  @Test func `a stop is no problem of what was to be sent or brought`() throws {
    let hall = try Hall()
    try Self.publish(hall, 1)
    let left = try hall.robot("left")
    let error = #expect(throws: RegistryError.self) {
      _ = try left.push("robot_001_v1", progress: Stop(at: 2).handler)
    }
    #expect(error?.code == .cancelled && error?.unchanged == "robot_001_v1 waits to be sent")
    #expect(try left.remote()?.waiting.map(\.problem) == [nil])
    _ = try left.sync()
    let right = try hall.robot("right")
    #expect(throws: RegistryError.self) { _ = try right.sync(progress: Stop(at: 3).handler) }
    #expect(try right.remote()?.problems == [])
    #expect(try right.sync().fetched.map(\.number) == [1])
  }

  @Test func `the first error of a handler is everybody's from then on`() throws {
    let calls = Stop(at: 2)
    let meter = ProgressMeter(calls.handler)
    try meter.begin(10)
    for _ in 0..<3 {
      let error = #expect(throws: RegistryError.self) { try meter.add(1) }
      #expect(error?.code == .cancelled)
    }
    #expect(meter.isStopped)
    let other = ProgressMeter { _, _ in throw CancellationError() }
    let error = #expect(throws: RegistryError.self) { try other.check() }
    #expect(error?.code == .cancelled)
    try ProgressMeter.unwatched.check()
  }
}
