import Glibc

// Names made and unmade.
//
// Order: each function here is one step, atomic for every reader, and durable only after `sync()` of this directory
// (for a hard link, of the directory that got the new name). Callers make what a name stands for durable before they
// make the name: data first, names last; in deletion names first, data last. A crash before the sync leaves the
// directory with or without the change, never in between. Names that nothing points to are removed by the recovery
// of the layer that knows them (staging, generations, trees); this one never tidies up on its own.

extension Directory {
  /// Makes a directory with exactly this mode, whatever the umask.
  ///
  /// Fails with `EEXIST` when the name is taken. A crash may leave a narrower mode, never a wider one.
  public func makeDirectory(_ name: String, mode: UInt32 = 0o755) throws(FileError) {
    try change(.mkdir, name) { mkdirat(descriptor, name, mode_t(mode)) }
    guard let made = try status(name), made.mode & 0o777 != mode & 0o777 else { return }
    try setMode(name, made.mode & ~0o777 | mode)
  }

  /// Makes a symbolic link with any text as its target; fails with `EEXIST` when the name is taken.
  public func makeLink(_ name: String, to target: String) throws(FileError) {
    guard !target.utf8.contains(0) else {
      throw FileError(call: "symlink", path: pathOf(name), errno: EINVAL)
    }
    try change(.symlink, name) { symlinkat(target, descriptor, name) }
  }

  /// Gives the file another name, in this or another directory; of a symbolic link, to the link itself.
  ///
  /// Fails with `EEXIST` when the new name is taken, `EXDEV` between file systems, `EMLINK` when the file has as many
  /// names as the file system allows, and `EPERM` for another uid's file.
  public func hardLink(_ name: String, as newName: String, in other: Directory) throws(FileError) {
    try RelativePath.checkName(name, call: "link", in: self)
    try other.change(.link, newName) { linkat(descriptor, name, other.descriptor, newName, 0) }
  }

  /// Removes a file or link; false when it was missing. Fails with `EISDIR` for a directory.
  @discardableResult public func remove(_ name: String) throws(FileError) -> Bool {
    try changeIfThere(.unlink, name) { unlinkat(descriptor, name, 0) }
  }

  /// Removes an empty directory; false when it was missing. Fails with `ENOTEMPTY`, and with `ENOTDIR` for a link.
  @discardableResult public func removeDirectory(_ name: String) throws(FileError) -> Bool {
    try changeIfThere(.rmdir, name) { unlinkat(descriptor, name, AT_REMOVEDIR) }
  }

  /// Sets the permission bits of a file or directory; fails with `EOPNOTSUPP` for a symbolic link.
  public func setMode(_ name: String, _ mode: UInt32) throws(FileError) {
    try change(.chmod, name) { fchmodat(descriptor, name, mode_t(mode), AT_SYMLINK_NOFOLLOW) }
  }

  /// Sets a file's time of modification; durable with the file, and never needed for its content.
  public func setModified(_ name: String, nanoseconds: Int64) throws(FileError) {
    try RelativePath.checkName(name, call: "utimens", in: self)
    let time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    guard utimensat(descriptor, name, [time, time], AT_SYMLINK_NOFOLLOW) == 0 else {
      throw FileError(call: "utimens", path: pathOf(name), errno: errno)
    }
  }

  /// Makes one step on one name of this directory.
  func change(_ step: Step, _ name: String, _ call: () -> Int32) throws(FileError) {
    try RelativePath.checkName(name, call: step.rawValue, in: self)
    try step.pass(labelOf(name), path: pathOf(name))
    guard call() == 0 else { throw FileError(call: step.rawValue, path: pathOf(name), errno: errno) }
  }

  private func changeIfThere(_ step: Step, _ name: String, _ call: () -> Int32) throws(FileError) -> Bool {
    do throws(FileError) {
      try change(step, name, call)
      return true
    } catch {
      if error.isMissing { return false }
      throw error
    }
  }
}
