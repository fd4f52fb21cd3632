import Glibc

// A whole tree goes.
//
// Order: leaves first, each unlink and rmdir a step of its own, nothing synced. Why: the tree was renamed to a name
// that means nothing before (staging, trash), and that rename is durable, so whatever part of the tree a crash leaves
// is still rubbish. Who cleans up: the recovery of the layer that named it, by removing the tree again.

extension Directory {
  /// Removes a file, a link, or a directory with all that is in it; a missing name is fine.
  ///
  /// Follows no symbolic link and fails with `EXDEV` at a mounted file system. Directories of ours that can't be
  /// written are made writable first. Memory and descriptors are bounded however deep or wide the tree is. When it
  /// fails, part of the tree is gone and the call can be repeated.
  public func removeTree(_ name: String) throws(FileError) {
    try RelativePath.checkName(name, call: "rmdir", in: self)
    guard let status = try status(name) else { return }
    guard status.kind == .directory else {
      try remove(name)
      return
    }
    let entry = EntryStream.Entry(bytes: Array(name.utf8), kind: .directory)
    let removal = TreeRemoval(device: try ownStatus().device, directory: self, name: name)
    try removal.remove(entry, in: descriptor, levels: nil)
  }
}

/// One removal of a tree on its way.
private struct TreeRemoval {
  /// How many levels may be open at once. What lies deeper is first moved up to the top of the tree.
  private static let maximumLevels = 32

  let device: UInt64
  let directory: Directory
  let name: String

  /// The descriptors on the way: the tree's top, and how many levels lie between.
  struct Way {
    let top: Int32
    let levels: Int
  }

  func remove(_ entry: EntryStream.Entry, in parent: Int32, levels way: Way?) throws(FileError) {
    var kind = entry.kind
    if kind == nil { kind = try self.kind(of: entry, in: parent) }
    guard let kind else { return }
    guard kind == .directory else {
      try change(.unlink, entry) { unlinkat(parent, entry.terminated, 0) }
      return
    }
    if let way, way.levels >= Self.maximumLevels {
      try moveUp(entry, from: parent, to: way.top)
    } else {
      try empty(entry, in: parent, way)
      try change(.rmdir, entry) { unlinkat(parent, entry.terminated, AT_REMOVEDIR) }
    }
  }

  /// Removes everything in a directory.
  private func empty(_ entry: EntryStream.Entry, in parent: Int32, _ way: Way?) throws(FileError) {
    guard let stream = try open(entry, in: parent) else { return }
    let below = way.map { Way(top: $0.top, levels: $0.levels + 1) } ?? Way(top: stream.descriptor, levels: 1)
    // Once more after each pass: a file system may skip names while others are removed, and names are moved up.
    var foundAny: Bool
    repeat {
      foundAny = false
      stream.rewind()
      while let child = try stream.next() {
        foundAny = true
        try remove(child, in: stream.descriptor, levels: below)
      }
    } while foundAny
  }

  /// Opens a directory so that its names can be removed; nil when it has gone.
  private func open(_ entry: EntryStream.Entry, in parent: Int32) throws(FileError) -> EntryStream? {
    var status = stat()
    guard fstatat(parent, entry.terminated, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw failure("stat", errno)
    }
    guard UInt64(status.st_dev) == device else { throw failure("rmdir", EXDEV) }
    if status.st_mode & 0o700 != 0o700, status.st_uid == geteuid() {
      try change(.chmod, entry) { fchmodat(parent, entry.terminated, 0o700, AT_SYMLINK_NOFOLLOW) }
    }
    return try FileError.unlessMissing { () throws(FileError) in
      try EntryStream(in: parent, entry.terminated, path: directory.pathOf(name))
    }
  }

  private func moveUp(_ entry: EntryStream.Entry, from parent: Int32, to top: Int32) throws(FileError) {
    // A directory that is moved must be writable, as its ".." changes.
    guard try open(entry, in: parent) != nil else { return }
    let newName = ".deep-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    try change(.rename, entry) { renameat(parent, entry.terminated, top, newName) }
  }

  private func kind(of entry: EntryStream.Entry, in parent: Int32) throws(FileError) -> FileKind? {
    var status = stat()
    guard fstatat(parent, entry.terminated, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw failure("stat", errno)
    }
    return FileKind(mode: status.st_mode)
  }

  /// Makes one step; what is missing already is as good as removed.
  private func change(_ step: Step, _ entry: EntryStream.Entry, _ call: () -> Int32) throws(FileError) {
    try step.pass(
      "\(directory.labelOf(name)): \(String(decoding: entry.bytes, as: UTF8.self))",
      path: directory.pathOf(name))
    guard call() == 0 || errno == ENOENT else { throw failure(step.rawValue, errno) }
  }

  private func failure(_ call: String, _ code: Int32) -> FileError {
    FileError(call: call, path: directory.pathOf(name), errno: code)
  }
}
