import Glibc

/// What a name stands for.
public enum FileKind: String, Hashable, Sendable {
  case file, directory, link
  /// A pipe, socket or device; the store has none of them.
  case other
}

/// What the file system knows about one file.
///
/// Inode, size and the two times make the stamp of a verified blob: the kernel moves `changedNanoseconds` at every
/// change, also of the mode or the number of links, and no user call sets it.
public struct FileStatus: Hashable, Sendable {
  public let kind: FileKind
  public let device: UInt64
  public let inode: UInt64
  /// In bytes.
  public let size: Int64
  /// Permission bits with set-id and sticky bits, without the kind.
  public let mode: UInt32
  public let owner: UInt32
  public let group: UInt32
  public let linkCount: UInt64
  /// Of the content, since 1970.
  public let modifiedNanoseconds: Int64
  /// Of content or inode, since 1970.
  public let changedNanoseconds: Int64
  /// What the file takes on the medium; less than `size` for a file with holes.
  public let allocatedBytes: Int64
}

extension FileKind {
  init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .directory
    case S_IFLNK: self = .link
    default: self = .other
    }
  }
}

extension FileStatus {
  init(_ status: stat) {
    kind = FileKind(mode: status.st_mode)
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    mode = UInt32(status.st_mode & 0o7777)
    owner = UInt32(status.st_uid)
    group = UInt32(status.st_gid)
    linkCount = UInt64(status.st_nlink)
    modifiedNanoseconds = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    changedNanoseconds = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
    allocatedBytes = Int64(status.st_blocks) * 512
  }

  /// The status of an open file.
  init(of descriptor: Int32, path: @autoclosure () -> String) throws(FileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError(call: "fstat", path: path(), errno: errno)
    }
    self.init(status)
  }
}
