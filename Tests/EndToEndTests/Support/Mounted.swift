import Glibc
import TestSupport
import Testing

/// A store on a small file system of its own, for what can't be seen on a large one.
final class Mounted {
  static let reason: Comment = "SKIPPED, NOT TESTED: small file systems need root and the right to mount"

  static let isPossible: Bool = {
    let path = "/var/tmp/modelregistry-mount-\(getpid())"
    guard geteuid() == 0, mkdir(path, 0o755) == 0 else { return false }
    defer { rmdir(path) }
    guard mount("none", path, "tmpfs", 0, "size=64k") == 0 else { return false }
    return umount2(path, Int32(MNT_DETACH)) == 0
  }()

  let store: CommandStore
  private let path: String

  init(bytes: Int) throws {
    store = try CommandStore("mounted")
    path = store.root
    try #require(mkdir(path, 0o755) == 0)
    try #require(mount("none", path, "tmpfs", 0, "size=\(bytes)") == 0)
  }

  deinit { umount2(path, Int32(MNT_DETACH)) }

  /// Leaves no block free.
  func fill() throws {
    let descriptor = open("\(path)/private/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let block = [UInt8](repeating: 0, count: 1 << 16)
    var count = block.count
    while count > 0 {
      if write(descriptor, block, count) < 0 { count /= 2 }
    }
  }

  /// Makes everything read-only from here on.
  func freeze() throws {
    try #require(mount("none", path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0)
  }
}
