import Foundation
import RegistryModel
import Testing

@Suite struct ArchiveManifestTests {
  private static let examples = Repository.root.appending(path: "schemas/examples/archive.v1")

  @Test func `examples are read, and digests in any spelling are the same`() throws {
    let minimal = try ArchiveManifest(parsing: Repository.json("minimal", in: Self.examples))
    let full = try ArchiveManifest(parsing: Repository.json("full", in: Self.examples))
    #expect(minimal.archive == full.archive && minimal.robot == nil && minimal.bytes == nil)
    #expect(full.episodes.map(\.id) == ["e1", "e2"] && full.episodes.map(\.steps) == [10, nil])
  }

  @Test func `malformed examples are refused`() throws {
    let invalid = Self.examples.appending(path: "invalid")
    for name in try Repository.jsonNames(in: invalid) {
      let bytes = try Repository.json(name, in: invalid)
      #expect(refusal { () throws(RegistryError) in try ArchiveManifest(parsing: bytes) }?.code == .integrity)
    }
  }
}
