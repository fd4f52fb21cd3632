import DurableFiles
import RegistryModel

/// Makes a version's tree: exactly its files, each a reflink of its blob where the file system has them, else
/// a hard link, else a copy.
///
/// Order (docs/format.md, P8): the tree grows under `staging/`, every directory and every new inode is synced,
/// and only then is it renamed to its place. A crash before the rename leaves it in `staging/`, which the next
/// sweep removes.
struct TreeBuilder {
  let blobs: BlobStore
  private var mode: Mode = .reflink

  private enum Mode { case reflink, hardLink, copy }

  /// Folders of blobs that were opened; at most 256.
  private var folders: [String: Directory] = [:]

  /// Whether folders and new inodes are synced here; else the caller flushes the file system.
  private let flushes: Bool
  private let meter: ProgressMeter

  init(_ blobs: BlobStore, flushing: Bool = true, meter: ProgressMeter) {
    self.blobs = blobs
    flushes = flushing
    self.meter = meter
  }

  /// Whether every entry so far shares its blob's inode.
  private(set) var isLinked = true

  /// Builds the tree as `name` in `parent`.
  mutating func build(_ files: [Manifest.File], as name: String, in parent: Directory) throws {
    try parent.makeDirectory(name)
    let top = try parent.directory(name)
    var open: [Level] = [Level(name: "", directory: top)]
    for file in files {
      let folders = file.path.components.dropLast()
      try descend(into: Array(folders), open: &open)
      guard let leaf = file.path.components.last, let level = open.last else { continue }
      try place(file.digest, as: leaf, in: level.directory)
    }
    while let level = open.popLast() { try leave(level) }
  }

  private func leave(_ level: Level) throws {
    if flushes { try level.directory.sync() }
  }

  /// A directory on the way from the top to where files are being placed.
  private struct Level {
    let name: String
    let directory: Directory
  }

  /// Leaves directories that are done, syncing each, and makes those on the way. Files come sorted by their
  /// bytes, so that all of one directory stand together and none is entered twice.
  private func descend(into folders: [String], open: inout [Level]) throws {
    let current = open.dropFirst().map(\.name)
    // By bytes: two spellings of one character are two folders here.
    let shared = zip(current, folders).prefix { $0.utf8.elementsEqual($1.utf8) }.count
    while open.count > shared + 1, let level = open.popLast() { try leave(level) }
    for folder in folders.dropFirst(shared) {
      guard let level = open.last else { return }
      try level.directory.makeDirectory(folder)
      open.append(Level(name: folder, directory: try level.directory.directory(folder)))
    }
  }

  /// Puts one blob into `directory`.
  mutating func place(_ digest: Digest, as name: String, in directory: Directory) throws {
    if mode == .reflink {
      if try clone(digest, as: name, in: directory) {
        isLinked = false
        return
      }
      mode = .hardLink
    }
    if mode == .hardLink {
      let folder = try folder(of: digest)
      do {
        return try folder.hardLink(digest.hex, as: name, in: directory)
      } catch {
        guard error.isLinkRefusal else { throw error }
        // EMLINK concerns this blob alone; where links are not had at all, the next file finds out again.
      }
    }
    isLinked = false
    try copy(digest, as: name, in: directory)
  }

  private mutating func folder(of digest: Digest) throws -> Directory {
    let name = BlobStore.folder(digest)
    if let known = folders[name] { return known }
    let folder = try blobs.store.blobs.directory(name)
    folders[name] = folder
    return folder
  }

  private func clone(_ digest: Digest, as name: String, in directory: Directory) throws -> Bool {
    let file = try directory.createFile(mode: 0o444)
    guard try file.clone(of: try blobs.open(digest)) else { return false }
    if flushes { try file.sync() }
    return try file.link(as: name, in: directory)
  }

  private func copy(_ digest: Digest, as name: String, in directory: Directory) throws {
    let file = try directory.createFile(mode: 0o444)
    let source = try blobs.open(digest)
    let hash = try SHA256()
    let buffer = ReadableFile.alignedBuffer(byteCount: BlobStore.chunkBytes)
    defer { buffer.deallocate() }
    while true {
      let count = try source.read(into: buffer)
      if count == 0 { break }
      let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      try hash.update(piece)
      try file.write(piece)
      try meter.check()
    }
    guard try hash.finish() == digest else { throw BlobStore.bad(digest) }
    if flushes { try file.sync() }
    _ = try file.link(as: name, in: directory)
  }
}
