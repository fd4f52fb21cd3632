import Foundation
import TestSupport
import Testing

@testable import ModelRegistry

/// Archives that somebody sends to the service.
@Suite struct IncomingArchiveTests {
  private func names(_ fixture: StoreFixture) throws -> [String] {
    fixture.exists("private/incoming") ? try fixture.names(in: "private/incoming") : []
  }

  @Test func `are kept as long as somebody has them, and are what was sent`() throws {
    let fixture = try StoreFixture()
    _ = try fixture.open()
    do {
      let archive = try IncomingArchive(root: fixture.root, ending: ".tar", expecting: 6)
      try archive.append(Array("abc".utf8))
      try archive.append(Array("def".utf8))
      #expect(archive.bytes == 6)
      #expect(try archive.digest() == Digest.sha256(of: Array("abcdef".utf8)))
      #expect(try archive.digest() == archive.digest())
      #expect(try Data(contentsOf: URL(filePath: archive.path)) == Data("abcdef".utf8))
      #expect(try names(fixture).count == 2)
    }
    #expect(try names(fixture) == [])
  }

  @Test func `what a service that died left goes, and what one has stays`() throws {
    let fixture = try StoreFixture()
    let registry = try fixture.open()
    let archive = try IncomingArchive(root: fixture.root, ending: ".zip", expecting: 0)
    try archive.append([1, 2, 3])
    try fixture.scratch.write("root/private/incoming/left.tar", "half of it")
    try IncomingArchive.sweep(root: fixture.root)
    #expect(try names(fixture).allSatisfy { $0.contains(".zip") } && names(fixture).count == 2)
    try fixture.scratch.write("root/private/incoming/left.tar.gz", "half of it")
    _ = try registry.collect()
    #expect(try names(fixture).count == 2)
    #expect(FileManager.default.fileExists(atPath: archive.path))
  }

  @Test func `what doesn't fit is refused before it comes`() throws {
    let fixture = try StoreFixture()
    _ = try fixture.open()
    let error = try failure {
      try IncomingArchive(root: fixture.root, ending: ".tar", expecting: 1 << 60)
    }
    #expect(error.code == .noSpace)
    #expect(try names(fixture) == [])
  }
}
