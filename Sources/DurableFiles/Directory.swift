import Glibc
import Synchronization

/// An open directory: what a name means is settled once, and a directory renamed meanwhile is still the same one.
///
/// Everything in a store is reached from one of these, so a link planted above can't lead out. The descriptor is
/// close-on-exec and closed when the last reference goes. Safe to share between threads; changes by two threads are
/// ordered by the kernel, not here.
public final class Directory: Sendable {
  /// For messages only; nothing is opened by it.
  public let path: String
  /// The path from the directory that was opened by an absolute or operator's path; labels of steps carry it.
  let relativePath: String
  package let descriptor: Int32
  /// Why the first sync that failed did, 0 while none has, see ``sync()``.
  let firstSyncFailure = Atomic<Int32>(0)
  let isLeased = Atomic<Bool>(false)

  init(descriptor: Int32, path: String, relativePath: String) {
    self.descriptor = descriptor
    self.path = path
    self.relativePath = relativePath
  }

  deinit {
    if isLeased.load(ordering: .acquiring) { unlease() }
    close(descriptor)
  }

  /// Opens a directory by the operator's own path; symbolic links are followed.
  ///
  /// Fails with `ENOENT`, `ENOTDIR`, or `EACCES` where this uid may not list it.
  public static func open(_ path: String) throws(FileError) -> Directory {
    guard !path.utf8.contains(0) else { throw FileError(call: "open", path: path, errno: EINVAL) }
    let descriptor = retrying { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileError(call: "open", path: path, errno: errno) }
    return Directory(descriptor: descriptor, path: path, relativePath: "")
  }

  /// Opens a directory beneath this one, crossing no symbolic link.
  ///
  /// Fails with `ELOOP` for a link anywhere on the way, the last component included, `EXDEV` for "..", and `EINVAL`
  /// for other malformed paths.
  public func directory(_ relative: String) throws(FileError) -> Directory {
    let descriptor = try openBeneath(relative, O_RDONLY | O_DIRECTORY)
    return Directory(descriptor: descriptor, path: pathOf(relative), relativePath: labelOf(relative))
  }

  /// The directory that holds this one, wherever it was moved to; nil where that lies on another file system, or nowhere.
  ///
  /// Fails with `EACCES` where this uid may not list it.
  public func parent() throws(FileError) -> Directory? {
    let path = pathOf("..")
    let descriptor = retrying { openat(self.descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw FileError(call: "open", path: path, errno: errno) }
    let parent = Directory(descriptor: descriptor, path: path, relativePath: labelOf(".."))
    let (own, above) = (try ownStatus(), try parent.ownStatus())
    return own.device == above.device && own.inode != above.inode ? parent : nil
  }

  /// The path of something in this directory, for messages.
  func pathOf(_ name: String) -> String {
    path.utf8.last == UInt8(ascii: "/") ? path + name : "\(path)/\(name)"
  }

  /// The path of something in this directory as labels of steps show it.
  func labelOf(_ name: String) -> String { relativePath.isEmpty ? name : "\(relativePath)/\(name)" }

  /// This directory as labels of steps show it.
  var label: String { relativePath.isEmpty ? "." : relativePath }
}
