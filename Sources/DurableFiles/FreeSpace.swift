import CLinux
import Glibc

/// What can still be stored on a file system.
public struct FreeSpace: Hashable, Sendable {
  /// For this uid: the blocks kept for root count only for root.
  public let bytes: Int64
  /// How many more files fit; nil when the file system makes inodes as it needs them.
  public let inodes: Int64?
}

extension Directory {
  /// What this uid can still store on the file system of this directory, at this moment.
  ///
  /// Plan with a margin: ext4 keeps 2 % of its blocks, at most 16 MiB, for its own growth and shows them to root as
  /// free; and names and extents take blocks, too.
  public func freeSpace() throws(FileError) -> FreeSpace {
    var about = statvfs()
    guard retrying({ fstatvfs(descriptor, &about) }) == 0 else {
      throw FileError(call: "statvfs", path: path, errno: errno)
    }
    let isRoot = geteuid() == 0
    let blocks = Int64(clamping: isRoot ? about.f_bfree : about.f_bavail)
    let (bytes, overflow) = blocks.multipliedReportingOverflow(by: Int64(clamping: about.f_frsize))
    let inodes = Int64(clamping: isRoot ? about.f_ffree : about.f_favail)
    return FreeSpace(bytes: overflow ? .max : bytes, inodes: about.f_files == 0 ? nil : inodes)
  }

  /// What kind of file system holds this directory.
  public func fileSystem() throws(FileError) -> FileSystemKind {
    var magic: UInt64 = 0
    guard retrying({ clinux_file_system_magic(descriptor, &magic) }) == 0 else {
      throw FileError(call: "statfs", path: path, errno: errno)
    }
    return FileSystemKind(magic: magic)
  }
}
