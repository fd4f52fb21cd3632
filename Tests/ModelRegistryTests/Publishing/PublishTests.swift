import DurableFiles
import Foundation
import Glibc
import ModelRegistry
import Synchronization
import TestSupport
import Testing

@Suite struct PublishTests {
  @Test func `blob, manifest, name and tree are where the format says`() throws {
    let fixture = try StoreFixture()
    let result = try fixture.publish("one")
    #expect(result.version.description == "robot_001_v1" && !result.existing && result.files == 2)
    #expect(result.bytes == 14 + 10 && result.reusedBytes == 0)
    let blob = try fixture.blob(of: "robot_001_v1")
    let sum = try run("/usr/bin/sha256sum", fixture.path(blob)).prefix(64)
    #expect(blob == "blobs/sha256/\(sum.prefix(2))/\(sum)")
    #expect(try fixture.text(blob) == "weights of one")
    #expect(try fixture.text("versions/robot_001_v1/lora_adapters.npz") == "weights of one")
    #expect(try fixture.text("versions/robot_001_v1/config/model_config.json") == "{\"rank\":8}")
    let name = try fixture.link("manifests/robot_001_v1.json")
    #expect(name == "../" + StoreFixture.blob(result.digest))
    let manifestSum = try run("/usr/bin/sha256sum", fixture.path("manifests/robot_001_v1.json")).prefix(64)
    #expect(manifestSum == result.digest.hex)
    #expect(try fixture.names(in: "versions/robot_001_v1") == ["config", "lora_adapters.npz"])
    try fixture.expectSound()
  }

  @Test func `what a request says stands in the manifest and comes back`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let base = try fixture.publish("base", as: "wavecore", in: registry)
    let archive = try fixture.scratch.write("day1.tar", "episodes")
    let other = "sha256:" + String(repeating: "7", count: 64)
    let result = try fixture.publish("one", in: registry) { request in
      request.base = .version(base.version)
      request.job = Manifest.JobReference(id: "job-7")
      request.archives = [archive, other]
      request.metrics = ["eval/success": 0.75]
      request.framework = "jax"
      request.modelType = "wavecore"
      request.requires = [try! Requirement(parsing: "os=linux")]
      request.note = "night run"
      request.createdAt = Timestamp(milliseconds: 1_700_000_000_000)
    }
    let manifest = try registry.show(.version(result.version)).1
    #expect(manifest.base == Manifest.BaseReference(version: base.version, digest: base.digest))
    #expect(manifest.job?.id == "job-7" && manifest.note == "night run")
    #expect(manifest.metrics == ["eval/success": 0.75])
    #expect(manifest.framework == "jax" && manifest.modelType == "wavecore")
    #expect(manifest.requires.map(\.description) == ["os=linux"])
    #expect(manifest.createdAt.milliseconds == 1_700_000_000_000)
    let sum = try run("/usr/bin/sha256sum", archive).prefix(64)
    #expect(Set(manifest.archives.map(\.digest.description)) == ["sha256:\(sum)", other])
    try fixture.expectSound()
  }

  @Test func `an archive's own manifest is kept as a blob`() throws {
    let fixture = try StoreFixture()
    let digest = "sha256:" + String(repeating: "5", count: 64)
    let text = #"{"archive":"\#(digest)","episodes":[]}"#
    let file = try fixture.scratch.write("archive.json", text)
    let registry = try fixture.open()
    try fixture.publish("one", in: registry) { $0.archives = [file] }
    let reference = try #require(try registry.show("robot_001_v1").1.archives.first)
    #expect(reference.digest.description == digest)
    #expect(try fixture.text(StoreFixture.blob(#require(reference.manifest))) == text)
    _ = try registry.uninstall("robot_001_v1")
    _ = try registry.collect()
    #expect(
      fixture.exists(StoreFixture.blob(try #require(reference.manifest))), "it travels with the version")
  }

  @Test func `a version may descend from the one before it`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    try fixture.publish("one", in: registry)
    let next = try fixture.publish("two", in: registry) { $0.base = "robot_001_v1" }
    #expect(next.version.number == 2)
    #expect(try registry.show("robot_001_v2").1.base?.version.number == 1)
  }

  @Test func `numbers go on from the highest, or are taken as asked`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    #expect(try fixture.publish("one", number: 7, in: registry).version.number == 7)
    #expect(try fixture.publish("two", in: registry).version.number == 8)
    #expect(try fixture.publish("three", number: 3, in: registry).version.number == 3)
    #expect(try fixture.publish("four", in: registry).version.number == 9)
    #expect(code { try fixture.publish("five", number: 0, in: registry) } == .integrity)
    #expect(code { try fixture.publish("five", number: 1_000_000_000, in: registry) } == .integrity)
  }

  @Test func `a folder gives its contents, a file its name, hidden files stay, empty folders go`() throws {
    let fixture = try StoreFixture()
    let folder = fixture.scratch("mixed")
    try fixture.scratch.write("mixed/.hidden", "h")
    try fixture.scratch.write("mixed/deep/er/file", "f")
    try fixture.scratch.write("single.bin", "s")
    try FileManager.default.createDirectory(
      atPath: "\(folder)/empty/inside", withIntermediateDirectories: true)
    let registry = try fixture.open()
    let request = PublishRequest(adapter: "robot_001", paths: ["\(folder)/", fixture.scratch("single.bin")])
    try registry.publish(request)
    let files = try registry.files(of: "robot_001_v1").files.map(\.path.text)
    #expect(files == [".hidden", "deep/er/file", "single.bin"])
    #expect(try fixture.names(in: "versions/robot_001_v1") == [".hidden", "deep", "single.bin"])
    try fixture.expectSound()
  }

  @Test func `a folder that is named through a link gives its contents`() throws {
    let fixture = try StoreFixture()
    try #require(symlink(try fixture.source("one"), fixture.scratch("latest")) == 0)
    let registry = try fixture.open()
    try registry.publish(PublishRequest(adapter: "robot_001", paths: [fixture.scratch("latest")]))
    #expect(try registry.files(of: "robot_001_v1").files.count == 2)
  }

  @Test func `more folders than a process may have open are published`() async throws {
    await #expect(processExitsWith: .success) {
      let fixture = try StoreFixture()
      for number in 0..<300 { try fixture.scratch.write("many/\(number)/file", "content \(number % 3)") }
      var limit = rlimit(rlim_cur: 128, rlim_max: 128)
      try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
      let registry = try fixture.open()
      let request = PublishRequest(adapter: "robot_001", paths: [fixture.scratch("many")])
      #expect(try registry.publish(request).files == 300)
    }
  }

  @Test func `an empty file is a file`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let path = try fixture.scratch.write("nothing", [])
    let result = try registry.publish(PublishRequest(adapter: "robot_001", paths: [path]))
    #expect(result.bytes == 0 && result.files == 1)
    #expect(try fixture.bytes("versions/robot_001_v1/nothing") == [])
    try registry.activate("robot_001_v1")
    try fixture.expectSound()
  }

  @Test func `a thousand files, some alike, become one tree`() throws {
    let fixture = try StoreFixture()
    for number in 0..<1000 {
      try fixture.scratch.write("many/\(number % 20)/file\(number)", "content \(number % 700)")
    }
    let registry = try fixture.open()
    let seen = Mutex<Int64>(0)
    let result = try registry.publish(PublishRequest(adapter: "robot_001", paths: [fixture.scratch("many")]))
    {
      done, _ in seen.withLock { $0 = max($0, done) }
    }
    #expect(result.files == 1000 && seen.withLock { $0 } == result.bytes)
    #expect(try fixture.text("versions/robot_001_v1/19/file999") == "content 299")
    #expect(try registry.status().blobs == 701)
    try fixture.expectSound()
  }

  @Test func `several versions share their blobs`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    try fixture.publish("one", in: registry)
    let second = try fixture.publish("two", in: registry)
    #expect(second.reusedBytes == 10, "the configuration is the same")
    #expect(try registry.status().blobs == 2 + 1 + 2)
    let other = try fixture.publish("one", as: "robot_002", in: registry)
    #expect(!other.existing && other.reusedBytes == other.bytes)
    try fixture.expectSound()
  }
}
