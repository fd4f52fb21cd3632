import Glibc

/// Copies a folder that holds a store, hard links kept as hard links, so that each test breaks a copy of its own.
///
/// The copy's files have inodes of their own: no stamp holds in it, as after a restore from a backup.
public enum StoreCopy {
  public struct Failure: Error { let path: String, errno: Int32 }

  /// Copies `source` to `target`, which must not exist.
  public static func make(_ source: String, at target: String) throws {
    var linked: [UInt64: String] = [:]
    try copy(source, target, &linked)
  }

  private static func copy(_ source: String, _ target: String, _ linked: inout [UInt64: String]) throws {
    var status = stat()
    try check(lstat(source, &status), source)
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      try check(mkdir(target, 0o700), target)
      for name in Disk.names(source) {
        // SQLite makes its shared memory again; a copy of it would speak of locks that nobody holds.
        if name.hasSuffix("-shm") { continue }
        try copy("\(source)/\(name)", "\(target)/\(name)", &linked)
      }
      try check(chmod(target, status.st_mode & 0o7777), target)
    case S_IFLNK:
      try check(symlink(Disk.link(source) ?? "", target), target)
    default:
      if let first = linked[UInt64(status.st_ino)] { return try check(link(first, target), target) }
      linked[UInt64(status.st_ino)] = target
      try copyFile(source, target, status)
    }
  }

  private static func copyFile(_ source: String, _ target: String, _ status: stat) throws {
    let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw Failure(path: target, errno: errno) }
    defer { close(output) }
    if status.st_size > 0, status.st_size == 8 << 20 {
      // The reserve: what counts are its blocks.
      try check(posix_fallocate(output, 0, status.st_size) == 0 ? 0 : -1, target)
    } else {
      guard let bytes = Disk.bytes(source), write(output, bytes, bytes.count) == bytes.count else {
        throw Failure(path: source, errno: errno)
      }
    }
    try check(fchmod(output, status.st_mode & 0o7777), target)
  }

  private static func check(_ code: Int32, _ path: String) throws {
    if code != 0 { throw Failure(path: path, errno: errno) }
  }
}
