import DurableFiles
import Glibc
import Testing

/// A small file system of its own, for what can't be seen on a large one.
///
/// For use in an exit test only: a child that another test forks would keep open files, and with them their blocks and
/// the mount, until it executes its program.
enum Mount: String, CaseIterable, Codable, Sendable {
  case tmpfs, ext4

  static let reason: Comment = "SKIPPED, NOT TESTED: small file systems need root and the right to mount"

  /// Whether this process may mount at all.
  static let isPossible: Bool = {
    var template = Array("/tmp/durable-XXXXXX".utf8CString)
    guard geteuid() == 0, let path = mkdtemp(&template) else { return false }
    defer { rmdir(path) }
    guard mount("none", path, "tmpfs", 0, "size=64k") == 0 else { return false }
    return umount2(path, Int32(MNT_DETACH)) == 0
  }()

  /// Runs a test in the root of a fresh file system of 16 MiB, mounted as "mounted" in the scratch directory.
  func with(_ scratch: String, _ body: (Directory) throws -> Void) throws {
    let path = "\(scratch)/mounted"
    try #require(mkdir(path, 0o755) == 0)
    switch self {
    case .tmpfs: try #require(mount("none", path, "tmpfs", 0, "size=16m,nr_inodes=256") == 0)
    case .ext4:
      let image = "\(scratch)/image"
      try run("/usr/bin/truncate", "-s", "16M", image)
      try run("/sbin/mkfs.ext4", "-q", "-F", "-m", "0", image)
      try run("/bin/mount", "-o", "loop", image, path)
    }
    defer { #expect(umount2(path, 0) == 0) }
    try body(Directory.open(path))
  }

  private func run(_ program: String, _ arguments: String...) throws {
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var process = pid_t()
    try #require(posix_spawn(&process, program, nil, nil, &words, environ) == 0)
    var status: Int32 = 0
    try #require(waitpid(process, &status, 0) == process)
    try #require(status == 0, "\(program) \(arguments)")
  }
}
