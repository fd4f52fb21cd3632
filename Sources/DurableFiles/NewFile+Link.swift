import CLinux
import Glibc
import Synchronization

// A finished file gets its name. Order and crash points: see NewFile.swift; the name is durable after `sync()` of the
// directory.

extension NewFile {
  /// Gives the file a name; false, and nothing changed, when the name is taken.
  ///
  /// The whole file appears at once, and never over another one. It may be linked more than once. Call `sync()` on
  /// the file before, and on the directory after. Fails with `EIO` when the file is poisoned, and with `EXDEV` on
  /// another file system.
  public func link(as name: String, in directory: Directory) throws(FileError) -> Bool {
    try RelativePath.checkName(name, call: "link", in: directory)
    try checkSound("link")
    try Step.link.pass(directory.labelOf(name), path: directory.pathOf(name))
    do throws(FileError) {
      try state.withLock { (state) throws(FileError) in
        if let hiddenName = state.hiddenName {
          try home.renameExclusively(hiddenName, to: name, in: directory)
          state.hiddenName = nil
        } else {
          try linkOpenFile(as: name, in: directory)
        }
      }
      return true
    } catch {
      if error.exists { return false }
      throw error
    }
  }

  /// Whether this process was found not to be allowed to link an open file by its descriptor.
  private static let isRefusedByDescriptor = Atomic<Bool>(false)

  private func linkOpenFile(as name: String, in directory: Directory) throws(FileError) {
    var code = ENOENT
    // By the descriptor itself, which root may, and everybody since Linux 6.10; it is the faster way.
    if !Self.isRefusedByDescriptor.load(ordering: .relaxed) {
      if clinux_link_open_file(descriptor, directory.descriptor, name) == 0 { return }
      code = errno
    }
    if code == ENOENT {
      // The way that needs no capability: /proc shows an open file as a link to it.
      let source = "/proc/self/fd/\(descriptor)"
      if linkat(AT_FDCWD, source, directory.descriptor, name, AT_SYMLINK_FOLLOW) == 0 {
        Self.isRefusedByDescriptor.store(true, ordering: .relaxed)
        return
      }
      code = errno
    }
    throw FileError(call: "link", path: directory.pathOf(name), errno: code)
  }
}
