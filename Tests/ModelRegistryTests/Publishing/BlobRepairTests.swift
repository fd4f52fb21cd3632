import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// A blob's name that is taken by bad bytes is found when the good ones come by, and mended everywhere.
@Suite struct BlobRepairTests {
  /// A store with one version of a file that is larger than the samples that publish compares.
  private func store() throws -> (StoreFixture, Registry, source: String, blob: String) {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let source = try fixture.scratch.write("weights", (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
    try registry.publish(PublishRequest(adapter: "robot_001", paths: [source]))
    try registry.publish(PublishRequest(adapter: "robot_002", paths: [source]))
    try registry.activate("robot_001_v1")
    return (fixture, registry, source, try fixture.blob("weights", of: "robot_001_v1"))
  }

  @Test(arguments: Breaking.allCases)
  func `publishing the same file again mends the blob and every tree`(how: Breaking) throws {
    let (fixture, registry, source, blob) = try store()
    try breaking(fixture.path(blob), how)
    let again = try registry.publish(PublishRequest(adapter: "robot_001", paths: [source]))
    #expect(again.existing && again.version.number == 1)
    let good = try Array(Data(contentsOf: URL(filePath: source)))
    #expect(try fixture.bytes(blob) == good)
    for version in ["robot_001_v1", "robot_002_v1"] {
      #expect(try fixture.bytes("versions/\(version)/weights") == good, "\(version)")
    }
    try fixture.expectSound()
  }

  @Test(arguments: [Breaking.flippedByte, .truncated, .zeroFilled])
  func `another adapter's publish mends it as well, and after verify has seen it`(how: Breaking) throws {
    let (fixture, registry, source, blob) = try store()
    try breaking(fixture.path(blob), how)
    #expect(try !registry.verify().damaged.isEmpty)
    #expect(try registry.versions().items.allSatisfy(\.isDamaged))
    try registry.publish(PublishRequest(adapter: "robot_003", paths: [source]))
    #expect(try registry.versions().items.allSatisfy { !$0.isDamaged })
    #expect(try fixture.names(in: "quarantine").count == 1, "the bad bytes are kept for a look")
    try fixture.expectSound()
  }

  enum Squatter: String, CaseIterable, CustomTestStringConvertible {
    case otherBytes, emptyFile, folder, link
    var testDescription: String { rawValue }
  }

  @Test(arguments: Squatter.allCases)
  func `what sits under a new blob's name is moved away`(squatter: Squatter) throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let source = try fixture.scratch.write("weights", "weights of one")
    let digits = String(try run("/usr/bin/sha256sum", source).prefix(64))
    let folder = fixture.path("blobs/sha256/\(digits.prefix(2))")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let name = "\(folder)/\(digits)"
    switch squatter {
    case .otherBytes: try Data("WEIGHTS OF ONE".utf8).write(to: URL(filePath: name))
    case .emptyFile: try Data().write(to: URL(filePath: name))
    case .folder: try #require(mkdir(name, 0o755) == 0)
    case .link: try #require(symlink("/etc/passwd", name) == 0)
    }
    try registry.publish(PublishRequest(adapter: "robot_001", paths: [source]))
    #expect(try String(contentsOfFile: name, encoding: .utf8) == "weights of one")
    #expect(try fixture.text("versions/robot_001_v1/weights") == "weights of one")
    try fixture.expectSound()
  }

  @Test func `a name that is taken by a good but unknown blob is adopted`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    try fixture.publish("one", in: registry)
    let (blob, inode) = (
      try fixture.blob(of: "robot_001_v1"), try fixture.inode(fixture.blob(of: "robot_001_v1"))
    )
    try run("/usr/bin/sqlite3", fixture.path("registry.db"), "DELETE FROM stamps; DELETE FROM blobs;")
    try fixture.publish("one", as: "robot_002", in: registry)
    #expect(try fixture.inode(blob) == inode)
    #expect(try fixture.names(in: "quarantine") == [])
  }

  @Test func `install refuses bad bytes, marks the version and names the way to mend it`() throws {
    let fixture = try StoreFixture()
    try fixture.publish("one")
    _ = try fixture.open().uninstall("robot_001_v1")
    try breaking(fixture.path(fixture.blob(of: "robot_001_v1")), .flippedByte)
    let error = try failure { try fixture.open().install("robot_001_v1") }
    #expect(error.code == .integrity && error.hint.contains("publish"))
    #expect(try fixture.open().versions().items.allSatisfy(\.isDamaged))
    try fixture.publish("one")
    #expect(try fixture.open().versions().items.allSatisfy { $0.isInstalled && !$0.isDamaged })
  }
}
