import DurableFiles
import Glibc
import RegistryModel

/// Makes the folders of a store, and its index last.
///
/// Order (docs/format.md, N1–N4): folders; their names synced; the index; the reserve. A store without
/// an index and without content is one whose making was interrupted, and making it again completes it. A store
/// without an index but with content has *lost* its index, and nothing here touches it.
struct StoreMaker {
  let root: String
  let options: OpenOptions

  func make() throws {
    let directory = try openRoot()
    try requireFileSystem(of: directory)
    var namesAreNew = false
    for folder in Store.folders where try make(folder, in: directory) { namesAreNew = true }
    let store = try Store(directory)
    try store.requireOwner()
    try probe(store)
    // Locks are files: they are made while there is room.
    for lock in StoreLock.allCases { try lock.tryAcquire(store, .shared)?.release() }
    if namesAreNew || Self.problem(of: store) != nil { try flushNames(of: directory) }
    try makeIndex(store)
    try directory.sync()
    try store.reserve.arm(Store.reserveBytes)
  }

  private func requireFileSystem(of directory: Directory) throws {
    guard let reason = try directory.fileSystem().refusal else { return }
    throw RegistryError(
      .refused, "\(root) can't hold a store: \(reason)", unchanged: "no store was made",
      hint: "choose a folder on ext4, btrfs or xfs")
  }

  /// Opens the folder, making it and its parents where they are missing and a store may be there.
  private func openRoot() throws -> Directory {
    if let directory = try? Directory.open(root) { return directory }
    var parents = root.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    guard let name = parents.popLast() else {
      throw RegistryError(.usage, "\(root) is no folder for a store", hint: "name a folder with --root")
    }
    let path = (root.hasPrefix("/") ? "/" : "") + parents.joined(separator: "/")
    let parent =
      parents.isEmpty && !root.hasPrefix("/")
      ? try Directory.open(".")
      : try StoreMaker(root: path.isEmpty ? "/" : path, options: options).openRoot()
    try requireFileSystem(of: parent)
    do {
      try parent.makeDirectory(name)
    } catch {
      guard error.exists else { throw error }
    }
    return try Directory.open(root)
  }

  /// Whether it was missing.
  private func make(_ folder: String, in directory: Directory) throws -> Bool {
    guard try directory.status(folder) == nil else { return false }
    let parts = folder.split(separator: "/").map(String.init)
    let parent = parts.count == 1 ? directory : try directory.directory(parts[0])
    do {
      try parent.makeDirectory(parts[parts.count - 1], mode: folder == "private" ? 0o700 : 0o755)
    } catch {
      guard error.exists else { throw error }
    }
    return true
  }

  /// Also of those that were there: whoever made them may have died before he could. On the way up as far as this user
  /// may look; where he may not, he made nothing.
  private func flushNames(of root: Directory) throws {
    let parents = Set(Store.folders.compactMap { $0.split(separator: "/").dropLast().first.map(String.init) })
    for parent in parents.sorted() { try root.directory(parent).sync() }
    try root.sync()
    var below = root
    do {
      while let directory = try below.parent() {
        try directory.sync()
        below = directory
      }
    } catch {
      guard error.isPermission else { throw error }
    }
  }

  /// Makes the index where there is none, alone: who opens a store meanwhile waits for the lock.
  private func makeIndex(_ store: Store) throws {
    guard Self.problem(of: store) != nil else { return }
    let lock = try StoreLock.open.acquire(
      store, .exclusive, waitingAtMost: options.configuration.waitMilliseconds)
    defer { lock.release() }
    guard let problem = Self.problem(of: store) else { return }  // another process was faster
    guard try store.blobs.entries().isEmpty, try store.generations.entries().isEmpty else { throw problem }
    let index = try Index.create(at: store.indexPath)
    try index.write { transaction in
      guard try transaction.auditHead() == nil else { return }
      try transaction.audit(.create, "store", by: options.caller, at: options.clock.now())
    }
  }

  /// Why the index can't be used; nil when it can. The first record of the audit is the last thing of its making.
  private static func problem(of store: Store) -> (any Error)? {
    do {
      let index = try Index.open(at: store.indexPath, readOnly: true)
      guard try index.read({ try $0.auditHead() }) == nil else { return nil }
      return RegistryError(
        .integrity, "the index \(store.indexPath) was not made to the end", unchanged: Index.filesAreSafe,
        hint: Index.lostHint)
    } catch let error as RegistryError where error.code == .refused {
      // An index of another schema is one, if it was made to the end: who opens it brings it up to date, or refuses.
      return Index.hasRecord(at: store.indexPath) ? nil : error
    } catch {
      return error
    }
  }

  /// Tries what a store needs: links of both kinds, replacing renames, directory syncs and locks.
  private func probe(_ store: Store) throws {
    let name = "probe-\(UInt32.random(in: 0...UInt32.max))"
    do {
      try store.staging.makeDirectory(name)
      defer { try? store.staging.removeTree(name) }
      let folder = try store.staging.directory(name)
      let file = try folder.createFile()
      try withUnsafeBytes(of: UInt8(0)) { try file.write($0) }
      try file.sync()
      guard try file.link(as: "file", in: folder) else {
        throw FileError(call: "link", path: root, errno: EEXIST)
      }
      try folder.hardLink("file", as: "hard", in: folder)
      try folder.makeLink("one", to: "file")
      try folder.makeLink("two", to: "hard")
      try folder.rename("two", to: "one", in: folder, replacing: true)
      try folder.sync()
      guard let held = try FileLock.tryAcquire("lock", in: folder, .exclusive),
        try FileLock.tryAcquire("lock", in: folder, .exclusive) == nil
      else { throw FileError(call: "lock", path: root, errno: ENOLCK) }
      held.release()
    } catch let error as FileError where !error.isNoSpace {
      throw RegistryError(
        .refused, "\(root) can't hold a store: \(error)", unchanged: "no store was made",
        hint: "choose a folder on ext4, btrfs or xfs that you may write")
    }
  }
}
