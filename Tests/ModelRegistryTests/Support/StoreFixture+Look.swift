import Foundation
import ModelRegistry
import TestSupport
import Testing

/// What tests look at, past the library: the files themselves.
extension StoreFixture {
  func path(_ name: String) -> String { "\(root)/\(name)" }

  func exists(_ name: String) -> Bool {
    (try? FileManager.default.attributesOfItem(atPath: path(name))) != nil
  }

  func bytes(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: path(name)))) }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func link(_ name: String) throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: path(name))
  }

  func inode(_ name: String) throws -> UInt64 {
    let attributes = try FileManager.default.attributesOfItem(atPath: path(name))
    return try #require((attributes[.systemFileNumber] as? NSNumber)?.uint64Value)
  }

  func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
  }

  /// The generation that the link names.
  var active: String { (try? link("active")) ?? "nothing" }

  /// The path of the blob of a version's file, beneath the root.
  func blob(_ file: String = "lora_adapters.npz", of reference: Reference) throws -> String {
    let files = try Registry.openForReading(root, options()).files(of: reference).files
    let found = try #require(files.first { $0.path.text == file })
    return Self.blob(found.digest)
  }

  static func blob(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)" }

  func digest(_ reference: Reference) throws -> Digest {
    try Registry.openForReading(root, options()).digest(of: reference).digest
  }

  /// Kinds of the newest entries of the history, newest first.
  func kinds(_ count: Int) throws -> [HistoryEntry.Kind] {
    try open().history(limit: count).items.map(\.kind)
  }

  func isBlocked(_ reference: Reference) throws -> Bool {
    exists("marks/blocked/\(try digest(reference).hex)")
  }

  /// Whether the chain holds, the files are good and nothing is left to do: what must be true after any story.
  func expectSound(_ location: SourceLocation = #_sourceLocation) throws {
    let registry = try open()
    #expect(try registry.verifyAudit().problems == [], sourceLocation: location)
    #expect(try registry.verify(full: true).damaged == [], sourceLocation: location)
    #expect(try registry.status().problems == [], sourceLocation: location)
    #expect(try names(in: "staging") == [], sourceLocation: location)
    let before = try Snapshot(root)
    _ = try open()
    #expect(try Snapshot(root) == before, "a second opening finds nothing to do", sourceLocation: location)
  }
}
