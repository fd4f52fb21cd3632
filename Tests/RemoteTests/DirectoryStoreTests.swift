import DurableFiles
import Foundation
import ModelRegistry
import RegistryModel
import TestSupport
import Testing

@Suite struct DirectoryStoreTests {
  @Test(arguments: ObjectStoreCase.all) func `a directory does what every remote does`(_ one: ObjectStoreCase)
    throws
  {
    // A directory keeps no checksums: its bytes are read where somebody asks.
    guard !one.needs.contains(.checksums) else { return }
    let scratch = try Scratch("remote")
    try one.body(DirectoryStore(at: scratch.path))
  }

  @Test func `a directory that isn't there is no empty remote`() throws {
    let scratch = try Scratch("remote")
    let error = #expect(throws: RegistryError.self) { _ = try DirectoryStore(at: scratch("unplugged")) }
    #expect(error?.code == .remote)
  }

  @Test func `hidden files, links and names that are no paths are not listed`() throws {
    let scratch = try Scratch("remote")
    let store = try DirectoryStore(at: scratch.path)
    _ = try store.put("a/good", "x")
    try scratch.write("a/.hidden", "x")
    try scratch.write("a/back\\slash", "x")
    try FileManager.default.createSymbolicLink(atPath: scratch("a/link"), withDestinationPath: "good")
    #expect(try store.all(ObjectQuery(prefix: "a/")).objects == ["a/good"])
    #expect(try store.info(path("a/link")) == nil)
  }

  #if DEBUG
    @Test func `what somebody else made is flushed, with the folders above, before it is relied on`() throws {
      let scratch = try Scratch("remote")
      // As a push leaves it that was killed between the name and the flush of its folder.
      try scratch.write("blobs/sha256/abc", "x")
      let store = try DirectoryStore(at: scratch.path)
      let info = try #require(try store.info(path("blobs/sha256/abc")))
      let (settled, created) = (FaultPlan(.record), FaultPlan(.record))
      try FaultPlan.$current.withValue(settled) { try store.settle(info) }
      let outcome = try FaultPlan.$current.withValue(created) { try store.put("blobs/sha256/abc", "x") }
      #expect(outcome == .existed(info))
      #expect(settled.steps == ["sync blobs/sha256", "sync blobs", "sync ."])
      #expect(created.steps == settled.steps)
    }
  #endif

  @Test func `a replacement is newer, whatever the clock says`() throws {
    let scratch = try Scratch("remote")
    let store = try DirectoryStore(at: scratch.path)
    var info = try #require(try store.replace(path("doc"), with: [0], ifGeneration: 0))
    let future = Date(timeIntervalSinceNow: 86_400)
    try FileManager.default.setAttributes([.modificationDate: future], ofItemAtPath: scratch("doc"))
    info = try #require(try store.info(info.name))
    for byte in UInt8(1)...3 {
      let next = try #require(try store.replace(info.name, with: [byte], ifGeneration: info.generation))
      #expect(next.generation > info.generation)
      info = next
    }
  }
}
