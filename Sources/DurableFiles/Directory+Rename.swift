import CLinux
import Glibc

// One name becomes another: the switch of what is active, and the arrival of a finished tree.
//
// Order: what `name` stands for is durable before this; then the rename; then `sync()` of the directory that got the
// new name (and of the other one, if the old name coming back would do harm). A crash before the sync leaves the old
// or the new state, never neither. Where the file system can't rename without replacing, a crash can leave a file
// under both names, and the caller's recovery removes the old one like any other leftover.

extension Directory {
  /// Renames within this directory, or into another one of the same file system.
  ///
  /// With `replacing` a file or link at the new name is replaced in one atomic step, and an empty directory by a
  /// directory; no reader ever finds the name missing. Without it the call fails with `EEXIST` when the name is taken.
  /// Two names of one and the same file are both left as they are, without an error: that is the kernel's rule.
  public func rename(
    _ name: String, to newName: String, in other: Directory? = nil, replacing: Bool
  ) throws(FileError) {
    let target = other ?? self
    try RelativePath.checkName(name, call: "rename", in: self)
    try RelativePath.checkName(newName, call: "rename", in: target)
    try Step.rename.pass(target.labelOf(newName), path: target.pathOf(newName))
    if replacing {
      guard renameat(descriptor, name, target.descriptor, newName) == 0 else {
        throw FileError(call: "rename", path: target.pathOf(newName), errno: errno)
      }
    } else {
      try renameExclusively(name, to: newName, in: target)
    }
  }

  /// Lets two names, directories too, change places in one atomic step; no reader ever finds one missing.
  ///
  /// Where the file system can't, it is three renames: a crash between them leaves what stood at `newName` under
  /// `name`, and a failure puts it back.
  public func exchange(_ name: String, with newName: String, in other: Directory) throws(FileError) {
    try RelativePath.checkName(name, call: "rename", in: self)
    try RelativePath.checkName(newName, call: "rename", in: other)
    try Step.rename.pass("exchange \(other.labelOf(newName))", path: other.pathOf(newName))
    var code = EINVAL
    if !Pretence.pretends(.noExclusiveRename) {
      if clinux_rename_exchange(descriptor, name, other.descriptor, newName) == 0 { return }
      code = errno
    }
    guard code == EINVAL || code == ENOSYS else {
      throw FileError(call: "rename", path: other.pathOf(newName), errno: code)
    }
    let aside = "\(name).aside"
    guard renameat(descriptor, name, descriptor, aside) == 0,
      renameat(other.descriptor, newName, descriptor, name) == 0
    else { throw FileError(call: "rename", path: other.pathOf(newName), errno: errno) }
    guard renameat(descriptor, aside, other.descriptor, newName) == 0 else {
      let error = FileError(call: "rename", path: other.pathOf(newName), errno: errno)
      _ = renameat(descriptor, name, other.descriptor, newName)
      throw error
    }
  }

  /// Renames without replacing. Passes no gate: the caller's step covers it.
  func renameExclusively(_ name: String, to newName: String, in target: Directory) throws(FileError) {
    var code = EINVAL
    if !Pretence.pretends(.noExclusiveRename) {
      if clinux_rename_exclusively(descriptor, name, target.descriptor, newName) == 0 { return }
      code = errno
    }
    guard code == EINVAL || code == ENOSYS else {
      throw FileError(call: "rename", path: target.pathOf(newName), errno: code)
    }
    try renameCarefully(name, to: newName, in: target)
  }

  /// The way of file systems without RENAME_NOREPLACE.
  private func renameCarefully(_ name: String, to newName: String, in target: Directory) throws(FileError) {
    // For all but directories a hard link refuses a taken name as strictly as the kernel would.
    if linkat(descriptor, name, target.descriptor, newName, 0) == 0 {
      guard unlinkat(descriptor, name, 0) == 0 else {
        throw FileError(call: "unlink", path: pathOf(name), errno: errno)
      }
      return
    }
    let code = errno
    guard code == EPERM || code == EOPNOTSUPP || code == ENOSYS || code == EMLINK else {
      throw FileError(call: "rename", path: target.pathOf(newName), errno: code)
    }
    // A directory, or no hard links: look first. Only another writer of this store could take the name in between,
    // and the locks of the layer above keep those out; a directory with content is never replaced anyway.
    guard try target.status(newName) == nil else {
      throw FileError(call: "rename", path: target.pathOf(newName), errno: EEXIST)
    }
    guard renameat(descriptor, name, target.descriptor, newName) == 0 else {
      throw FileError(call: "rename", path: target.pathOf(newName), errno: errno)
    }
  }
}
