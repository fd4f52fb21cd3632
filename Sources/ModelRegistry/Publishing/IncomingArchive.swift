import DurableFiles
package import RegistryModel
import Synchronization

/// An archive that somebody sends, kept in `private/incoming/` as long as somebody has this. Nothing of it is durable, and a
/// lock beside it says that it is in use: a crash leaves a file without one, which gc and the next service remove.
package final class IncomingArchive: Sendable {
  private static let folderName = "incoming"
  private static let lockSuffix = ".lock"
  /// How many bytes are written before free space is looked at again.
  private static let roomBytes: Int64 = 64 << 20

  package let path: String
  private let name: String
  private let store: Store
  private let folder: Directory
  private let lock: FileLock
  private let file: GrowingFile
  private let written: Mutex<Written>

  private struct Written {
    var bytes: Int64 = 0
    /// The bytes at which free space is looked at again.
    var nextLook: Int64 = 0
    let hash: SHA256
    var digest: Digest?
  }

  /// - Parameters:
  ///   - ending: `.tar`, `.tar.gz` or `.zip`.
  ///   - expected: how many bytes are announced; 0 where nobody knows.
  /// - Throws: `noSpace` where they don't fit.
  package init(root: String, ending: String, expecting expected: Int64) throws(RegistryError) {
    written = Mutex(Written(hash: try reporting("hash an archive") { try SHA256() }))
    (store, folder, lock, name, file) = try reporting("keep an archive that is sent") {
      let store = try Store(Directory.open(root))
      try store.requireRoom(bytes: expected, files: 2)
      let folder = try store.privateFolder(Self.folderName)
      let name = "\(String(UInt64.random(in: 0...UInt64.max), radix: 36))\(ending)"
      guard let lock = try FileLock.tryAcquire(name + Self.lockSuffix, in: folder, .exclusive) else {
        throw RegistryError(.busy, "another archive has the same name", hint: "send it again")
      }
      return (store, folder, lock, name, try GrowingFile.open(name, in: folder))
    }
    path = "\(folder.path)/\(name)"
  }

  package var bytes: Int64 { written.withLock(\.bytes) }

  /// - Throws: `noSpace` where the disk gets full.
  package func append(_ piece: [UInt8]) throws(RegistryError) {
    try reporting("keep an archive that is sent") {
      try written.withLock { written in
        if written.bytes >= written.nextLook {
          try store.requireRoom(bytes: Self.roomBytes, files: 2)
          written.nextLook = written.bytes + Self.roomBytes
        }
        try piece.withUnsafeBytes { bytes in
          try file.write(bytes, at: written.bytes)
          try written.hash.update(bytes)
        }
        written.bytes += Int64(piece.count)
      }
    }
  }

  /// What tells its bytes from all others; nothing is appended any more.
  package func digest() throws(RegistryError) -> Digest {
    try reporting("keep an archive that is sent") {
      try written.withLock { written in
        if let digest = written.digest { return digest }
        let digest = try written.hash.finish()
        written.digest = digest
        return digest
      }
    }
  }

  deinit {
    _ = try? folder.remove(name)
    _ = try? folder.remove(name + Self.lockSuffix)
    lock.release()
  }

  /// Removes what services that died have left.
  package static func sweep(root: String) throws(RegistryError) {
    try reporting("remove archives that were never published") { try sweep(Store(Directory.open(root))) }
  }

  static func sweep(_ store: Store) throws {
    guard let folder = try? store.root.directory("private/\(folderName)") else { return }
    let names = Set(try folder.entries().map { $0.name.beforeSuffix(lockSuffix) ?? $0.name })
    for name in names.sorted() {
      guard let lock = try FileLock.tryAcquire(name + lockSuffix, in: folder, .exclusive) else { continue }
      try folder.removeTree(name)
      try folder.remove(name + lockSuffix)
      lock.release()
    }
  }
}
