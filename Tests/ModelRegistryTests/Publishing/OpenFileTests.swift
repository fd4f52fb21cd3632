import DurableFiles
import Foundation
import Glibc
import RegistryModel
import TestSupport
import Testing

@testable import ModelRegistry

/// A version's file, opened for whoever sends it on.
@Suite struct OpenFileTests {
  private let path = try! RelativePath(parsing: "lora_adapters.npz")

  private func content(_ file: OpenBlob) throws -> String {
    var bytes = [UInt8](repeating: 0, count: Int(file.bytes))
    let count = try bytes.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  @Test func `has the version's bytes, with their digest`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let file = try registry.openFile(path, of: "robot_001_v2", VerifiedFiles())
    #expect(try content(file) == "weights of two")
    #expect(try file.digest == Digest.sha256(of: Array("weights of two".utf8)))
    #expect(file.version.description == "robot_001_v2" && file.bytes == 14)
    let other = try RelativePath(parsing: "nothing.npz")
    #expect(code { try registry.openFile(other, of: "robot_001_v2", VerifiedFiles()) } == .notFound)
  }

  @Test func `without a stamp it is read whole, once, and never served where it is bad`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let blob = fixture.path(try fixture.blob(of: "robot_001_v2"))
    let known = VerifiedFiles()
    // Another time, and so no stamp: the bytes are as they were.
    let status = timespec(tv_sec: 1_000_000_000, tv_nsec: 0)
    try #require(utimensat(AT_FDCWD, blob, [status, status], 0) == 0)
    #expect(try content(registry.openFile(path, of: "robot_001_v2", known)) == "weights of two")
    let file = try Directory.open(fixture.root).openFile(String(try fixture.blob(of: "robot_001_v2")))
    #expect(try known.has(file.status(), holding: Digest.sha256(of: Array("weights of two".utf8))))
    try breaking(blob, .flippedByte)
    #expect(code { try registry.openFile(path, of: "robot_001_v2", known) } == .integrity)
  }

  @Test func `bytes that aren't here are not found, and a version whose blob is marked is refused`() throws {
    let fixture = try StoreFixture.copied()
    let registry = try fixture.open()
    let blob = fixture.path(try fixture.blob(of: "robot_001_v2"))
    try breaking(blob, .flippedByte)
    #expect(try registry.verify().damaged.count == 1)
    #expect(try registry.damagedBlobCount() == 1)
    #expect(code { try registry.openFile(path, of: "robot_001_v2", VerifiedFiles()) } == .integrity)
    try #require(unlink(blob) == 0)
    #expect(code { try registry.openFile(path, of: "robot_001_v2", VerifiedFiles()) } == .notFound)
  }
}
