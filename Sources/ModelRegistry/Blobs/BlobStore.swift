import DurableFiles
import RegistryModel

/// The content-addressed files under `blobs/sha256/`.
///
/// Order (docs/format.md, P2–P6): bytes first, then `fsync`, then the name, then `fsync` of the directory that
/// holds the name. A crash before the name leaves nothing (the file has none); one after it leaves a blob that
/// no row knows, which the next sweep removes.
struct BlobStore: Sendable {
  static let chunkBytes = 1 << 20

  let store: Store

  static func folder(_ digest: Digest) -> String { String(digest.hex.prefix(2)) }
  static func path(_ digest: Digest) -> String { "\(folder(digest))/\(digest.hex)" }

  func status(_ digest: Digest) throws -> FileStatus? { try store.blobs.status(Self.path(digest)) }

  func open(_ digest: Digest, direct: Bool = false) throws -> ReadableFile {
    try store.blobs.openFile(Self.path(digest), direct: direct)
  }

  /// A small blob's bytes, checked against its digest.
  func read(_ digest: Digest) throws -> [UInt8] {
    let bytes = try store.blobs.readSmallFile(Self.path(digest))
    guard try Digest.sha256(of: bytes) == digest else { throw Self.bad(digest) }
    return bytes
  }

  static func bad(_ digest: Digest) -> RegistryError {
    RegistryError(
      .integrity, "the bytes of blob \(digest.short) do not match their digest, or can't be read",
      hint: "publish the same file again to repair it, or `modelctl verify` to see what is affected")
  }

  /// The directory that holds the blob's name, made if need be.
  func directory(for digest: Digest, touched: inout TouchedDirectories) throws -> Directory {
    let name = Self.folder(digest)
    if let known = touched.directories[name] { return known }
    let directory: Directory
    do {
      directory = try store.blobs.directory(name)
    } catch {
      guard error.isMissing else { throw error }
      do {
        try store.blobs.makeDirectory(name)
        touched.hasNewParent = true
      } catch {
        guard error.exists else { throw error }
      }
      directory = try store.blobs.directory(name)
    }
    touched.directories[name] = directory
    return directory
  }
}

/// Directories that got a name and owe a `fsync` before anything may refer to it.
struct TouchedDirectories {
  var directories: [String: Directory] = [:]
  var hasNewParent = false

  func sync(_ store: Store) throws {
    // Side by side, as flushes that wait together cost the medium one.
    let folders = directories.sorted { $0.key < $1.key }.map(\.value)
    _ = try concurrentMap(folders, run: 1) { folder in try folder.sync() }
    if hasNewParent { try store.blobs.sync() }
  }
}
