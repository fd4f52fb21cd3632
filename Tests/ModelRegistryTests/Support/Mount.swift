import Foundation
import Glibc
import Testing

/// A small file system of its own, for what can't be seen on a large one. For use in an exit test only: the child
/// ends with everything that it held open.
enum Mount {
  static let reason: Comment =
    "SKIPPED, NOT TESTED: small file systems need root, loop devices and the right to mount"

  /// Whether this process may mount at all.
  static let isPossible: Bool = {
    guard geteuid() == 0, let path = try? scratchFolder() else { return false }
    defer { rmdir(path) }
    guard mount("none", path, "tmpfs", 0, "size=64k") == 0 else { return false }
    umount2(path, Int32(MNT_DETACH))
    return access("/dev/loop-control", F_OK) == 0 && access("/sbin/mkfs.ext4", X_OK) == 0
  }()

  static let reasonWithoutFAT: Comment =
    "SKIPPED, NOT TESTED: a FAT file system needs root, mkfs.vfat and a kernel with FAT"

  static let canMountFAT: Bool = {
    guard isPossible, access("/sbin/mkfs.vfat", X_OK) == 0 else { return false }
    let attempt = Process()
    attempt.executableURL = URL(filePath: "/bin/sh")
    // A kernel that loads the module only when it is asked for lists it after the question.
    attempt.arguments = ["-c", "grep -qw vfat /proc/filesystems || modprobe vfat"]
    attempt.standardError = FileHandle.nullDevice
    return (try? attempt.run()) != nil
      && {
        attempt.waitUntilExit(); return attempt.terminationStatus == 0
      }()
  }()

  static func scratchFolder() throws -> String {
    var template = Array("/var/tmp/modelregistry-mount-XXXXXX".utf8CString)
    return String(cString: try #require(mkdtemp(&template)))
  }

  /// Makes a file system with `program`, mounts it, and takes everything away again.
  static func with(
    _ program: String, _ arguments: [String], size: String, _ body: (_ path: String) throws -> Void
  ) throws {
    let folder = try scratchFolder()
    let (image, path) = ("\(folder)/image", "\(folder)/mounted")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try #require(mkdir(path, 0o755) == 0)
    try run("/usr/bin/truncate", "-s", size, image)
    try run("/bin/sh", "-c", ([program] + arguments + [image]).joined(separator: " "))
    try run("/bin/mount", "-o", "loop", image, path)
    defer { umount2(path, Int32(MNT_DETACH)) }
    try body(path)
  }

  /// Of blocks of 4 KiB as on any disk that holds models: SQLite touches its shared memory in such steps, and in smaller
  /// blocks a full disk ends the process (SIGBUS).
  static func ext4(
    size: String = "96M", inodes: Int? = nil, _ body: (_ path: String) throws -> Void
  ) throws {
    let options = inodes.map { ["-N", "\($0)"] } ?? []
    try with("/sbin/mkfs.ext4", ["-q", "-F", "-m", "0", "-b", "4096"] + options, size: size, body)
  }
}

/// What fills a file system to its last block or inode, and lets go again.
struct Filler {
  let folder: String

  init(_ folder: String) throws {
    self.folder = folder
    try #require(mkdir(folder, 0o755) == 0)
  }

  func takeAllBlocks() throws {
    for size in [1 << 20, 1 << 16, 1 << 12] {
      let file = open("\(folder)/blocks-\(size)", O_WRONLY | O_CREAT | O_APPEND, 0o600)
      try #require(file >= 0)
      defer { close(file) }
      let noise = [UInt8](repeating: 0xA5, count: size)
      while write(file, noise, size) > 0 {}
      try #require(errno == ENOSPC)
      fsync(file)
    }
  }

  func takeAllInodes() throws {
    var number = 0
    while true {
      let file = open("\(folder)/inode-\(number)", O_WRONLY | O_CREAT, 0o600)
      if file < 0 { break }
      close(file)
      number += 1
    }
    try #require(errno == ENOSPC)
  }

  func letGo() throws { try FileManager.default.removeItem(atPath: folder) }
}
