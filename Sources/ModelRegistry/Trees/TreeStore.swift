import DurableFiles
import Glibc
import RegistryModel

/// The trees under `versions/`, by version name.
struct TreeStore: Sendable {
  let store: Store

  func stands(_ version: VersionID) throws -> Bool {
    try store.versions.status(version.description)?.kind == .directory
  }

  /// Moves a finished tree to its place and makes the name durable. A tree that is in the way changes places with
  /// it, in one step, as it may be the one that runs; it goes with the operation's folder.
  func put(
    _ name: String, from operation: Operation, as version: VersionID, flushing: Bool = true
  ) throws {
    let target = version.description
    do {
      try operation.folder.rename(name, to: target, in: store.versions, replacing: false)
    } catch {
      guard error.exists else { throw error }
      try operation.folder.exchange(name, with: target, in: store.versions)
    }
    if flushing { try store.versions.sync() }
  }

  /// Whether the tree holds exactly these files, by name, kind and size.
  func matches(_ files: [Manifest.File], _ version: VersionID) throws -> Bool {
    guard try stands(version) else { return false }
    let tree = try store.versions.directory(version.description)
    for file in files {
      guard let status = try Self.entry(file.path, in: tree), status.kind == .file,
        status.size == Int64(file.bytes)
      else { return false }
    }
    return try Self.countFiles(in: tree) == files.count
  }

  /// The status of a tree's entry; nil also where something on the way to it is no folder.
  static func entry(_ path: RelativePath, in tree: Directory) throws -> FileStatus? {
    do {
      return try tree.status(path.text)
    } catch {
      guard [ENOTDIR, ELOOP].contains(error.errno) else { throw error }
      return nil
    }
  }

  /// Everything in `tree` that isn't a directory.
  static func countFiles(in tree: Directory) throws -> Int {
    try tree.entries().reduce(0) { sum, entry in
      sum + (entry.kind == .directory ? try countFiles(in: tree.directory(entry.name)) : 1)
    }
  }

  /// Takes a tree away, names first: rename, `fsync`, then its files.
  func remove(_ name: String) throws {
    try detach(name)
    try discard(name)
  }

  /// Removes the files of a tree that was detached.
  func discard(_ name: String) throws { try store.staging.removeTree("trash-\(name)") }

  /// Takes a tree's name away, durably; its files wait in `staging/`. Also where it is gone: whoever took it may have died
  /// before he could flush.
  func detach(_ name: String) throws {
    let trash = "trash-\(name)"
    try store.staging.removeTree(trash)
    do {
      try store.versions.rename(name, to: trash, in: store.staging, replacing: false)
    } catch {
      guard error.isMissing else { throw error }
    }
    try store.versions.sync()
  }
}
