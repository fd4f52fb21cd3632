import DurableFiles
import Foundation
import Glibc
import ModelRegistry
import TestSupport
import Testing

/// Where a store can't live, and where it can't be written.
@Suite struct FileSystemTests {
  @Test(.enabled(if: Mount.canMountFAT, Mount.reasonWithoutFAT))
  func `FAT is refused with the reason, and nothing is left on it`() async throws {
    await #expect(processExitsWith: .success) {
      try Mount.with("/sbin/mkfs.vfat", [], size: "16M") { mount in
        for root in ["\(mount)/store", mount] {
          let error = try failure { try Registry.create(root) }
          #expect(error.code == .refused && error.message.contains("FAT") && error.hint.contains("ext4"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: mount) == [])
      }
    }
  }

  @Test(arguments: [FileSystemKind.fat, .exfat, .nfs, .smb])
  func `what a store can't live on has a reason`(kind: FileSystemKind) {
    #expect(kind.refusal?.isEmpty == false)
  }

  @Test func `a store is made again after its making was interrupted`() throws {
    let fixture = try StoreFixture()
    for name in ["reserve", "registry.db", "registry.db-wal", "registry.db-shm"] {
      unlink(fixture.path(name))
    }
    try FileManager.default.removeItem(atPath: fixture.path("marks/pins"))
    #expect(code { try fixture.open() } == .notFound)
    _ = try Registry.create(fixture.root, fixture.options())
    try fixture.publish("one")
    try fixture.expectSound()
  }

  @Test func `a store that is there is left as it is`() throws {
    let fixture = try StoreFixture.copied()
    let changed = try change(of: fixture.root) { () throws in _ = try Registry.create(fixture.root) }
    #expect(changed == [])
    #expect(Registry.exists(at: fixture.root) && !Registry.exists(at: fixture.scratch("nowhere")))
  }

  @Test func `modes are as the format has them`() throws {
    let fixture = try StoreFixture.copied()
    func mode(_ name: String) throws -> Int {
      let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path(name))
      return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
    }
    for name in ["", "blobs", "manifests", "versions/robot_001_v1/config", "generations/1", "marks/blocked"] {
      #expect(try mode(name) == 0o755, "\(name)")
    }
    for name in [
      try fixture.blob(of: "robot_001_v1"), "versions/robot_001_v1/lora_adapters.npz",
      "generations/1/generation.json",
    ] {
      #expect(try mode(name) == 0o444, "\(name)")
    }
    #expect(try mode("registry.db") == 0o644 && mode("registry.db-wal") == 0o644)
    #expect(try mode("private") == 0o700 && mode("reserve") == 0o444)
  }

  @Test func `a place without a store is not found, and named`() throws {
    let scratch = try Scratch()
    for path in [scratch.path, scratch("nowhere")] {
      for call in [
        { _ = try Registry.open(path) }, { _ = try Registry.openForReading(path) },
        { _ = try ActiveState.read(path) }, { _ = try Lease.take(path) }, { _ = try Registry.boot(path) },
      ] as [() throws -> Void] {
        let error = try failure(call)
        #expect(error.code == .notFound && error.message.contains(path))
      }
    }
  }
}
