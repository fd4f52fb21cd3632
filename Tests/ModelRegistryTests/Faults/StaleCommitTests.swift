import Foundation
import RegistryModel
import TestSupport
import Testing

@testable import ModelRegistry

/// A commit whose flush failed is whole in SQLite's log, and nobody sees it as long as somebody has the index open: but a
/// power cut takes the shared memory, and whoever opens the index then believes it.
@Suite struct StaleCommitTests {
  @Test func `what a commit that failed names is swept only when nothing can bring it back`() throws {
    let published = try StoreFixture.copied()
    let registry = try published.open()
    let log = "registry.db-wal"
    let before = try Data(contentsOf: URL(filePath: published.path(log)))
    try published.publish("four", in: registry)
    let after = try Data(contentsOf: URL(filePath: published.path(log)))
    try #require(after.starts(with: before) && after.count > before.count)

    // As the publication would have left it, had the flush of its commit failed.
    let fixture = try StoreFixture(copying: published)
    try before.write(to: URL(filePath: fixture.path(log)))
    try FileManager.default.createDirectory(
      atPath: fixture.path("staging/publish-dead"), withIntermediateDirectories: false)
    let other = try Index.open(at: fixture.path("registry.db"), readOnly: false)
    #expect(try other.read { try $0.version(VersionID(parsing: "robot_001_v4")) } == nil)
    let file = try FileHandle(forWritingTo: URL(filePath: fixture.path(log)))
    try file.seekToEnd()
    try file.write(contentsOf: after.dropFirst(before.count))
    try file.close()

    _ = try fixture.open()
    #expect(!fixture.exists("versions/robot_001_v4"), "no row speaks for it")
    // The power goes now.
    let restarted = try StoreFixture(copying: fixture)
    withExtendedLifetime(other) {}
    try? FileManager.default.removeItem(atPath: restarted.path("registry.db-shm"))
    try restarted.expectSound()
    #expect(try restarted.open().versions().items.count == 3)
  }
}
