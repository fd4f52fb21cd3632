import CLinux
import Glibc
import Synchronization

// The one place that calls fsync, fdatasync and syncfs.
//
// Order: whatever is to survive a power cut is written first, then flushed here, then named or answered. Why: without
// the flush a renamed new file is empty after a power cut, in every trial on ext4. A crash before the flush leaves
// what the caller's own comment says; a crash after it leaves the change. Nothing is cleaned up here.

/// How often this process waited for the medium through DurableFiles; on an SD card each time costs milliseconds.
public enum Flushes {
  private static let made = Atomic<Int>(0)

  /// Every fsync, fdatasync and syncfs since the process began, failed ones included; SQLite's own are not among them.
  public static var count: Int { made.load(ordering: .relaxed) }

  /// Makes one fsync. It is never repeated, not even after a signal: see ``Directory/sync()``.
  static func flush(
    _ descriptor: Int32, label: @autoclosure () -> String, path: @autoclosure () -> String
  ) throws(FileError) {
    guard try Step.passSync(label(), path: path()) else { return }
    made.add(1, ordering: .relaxed)
    guard fsync(descriptor) == 0 else { throw FileError(call: "fsync", path: path(), errno: errno) }
  }

  /// Makes one fdatasync; never repeated, like an fsync.
  static func flushData(
    _ descriptor: Int32, label: @autoclosure () -> String, path: @autoclosure () -> String
  ) throws(FileError) {
    guard try Step.passSync("data of \(label())", path: path()) else { return }
    made.add(1, ordering: .relaxed)
    guard fdatasync(descriptor) == 0 else { throw FileError(call: "fdatasync", path: path(), errno: errno) }
  }
}

extension Flushes {
  /// Makes one syncfs; never repeated, like an fsync.
  static func flushFileSystem(
    _ descriptor: Int32, label: @autoclosure () -> String, path: @autoclosure () -> String
  ) throws(FileError) {
    guard try Step.passSync("file system of \(label())", path: path()) else { return }
    made.add(1, ordering: .relaxed)
    guard clinux_sync_file_system(descriptor) == 0 else {
      throw FileError(call: "syncfs", path: path(), errno: errno)
    }
  }

  /// Whether syncfs reports everything that failed, the file system's own journal included: from Linux 5.17 on.
  static let kernelTellsOfFileSystems: Bool = {
    var about = utsname()
    guard uname(&about) == 0 else { return false }
    let release = withUnsafeBytes(of: &about.release) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    return numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 17)
  }()
}

extension Directory {
  /// Makes every change of names in this directory durable; on return they survive a power cut.
  ///
  /// After a failure nobody knows which of them do, and asking again could be answered with a success that means
  /// nothing, as the kernel may have dropped what it couldn't write. So this object is suspect from then on: every
  /// further call fails as the first one did, without a system call. Stop, report, and open the directory anew to
  /// recover.
  public func sync() throws(FileError) {
    try once("fsync") { () throws(FileError) in try Flushes.flush(descriptor, label: label, path: path) }
  }

  private func once(_ call: String, _ flush: () throws(FileError) -> Void) throws(FileError) {
    let earlier = firstSyncFailure.load(ordering: .acquiring)
    guard earlier == 0 else { throw FileError(call: call, path: path, errno: earlier) }
    do throws(FileError) {
      try flush()
    } catch {
      firstSyncFailure.store(error.errno, ordering: .releasing)
      throw error
    }
  }

  /// Whether ``syncFileSystem()`` may be relied on here: where the file system itself carries it out (FUSE answers
  /// without asking its server, an overlay doesn't tell of its layers' failures), and the kernel tells of failures.
  public var canSyncFileSystem: Bool {
    guard Self.canSyncFileSystems, let kind = try? fileSystem() else { return false }
    return switch kind {
    case .ext, .btrfs, .xfs, .tmpfs: true
    default: false
    }
  }

  /// Whether the kernel tells ``syncFileSystem()`` of what failed: from Linux 5.17 on. Before, nobody may rely on it.
  public static var canSyncFileSystems: Bool {
    Flushes.kernelTellsOfFileSystems && !Pretence.pretends(.noFileSystemFlush)
  }

  /// Makes everything durable that was written to this directory's file system, bytes and names of any file.
  ///
  /// One wait for the medium in place of one for each file: for many small files. It waits for what other programs
  /// wrote, too. Failed writes are told from when this object was opened; see ``canSyncFileSystems``. After a failure
  /// it is suspect, as after ``sync()``.
  public func syncFileSystem() throws(FileError) {
    guard Self.canSyncFileSystems else { throw FileError(call: "syncfs", path: path, errno: ENOSYS) }
    try once("syncfs") { () throws(FileError) in
      try Flushes.flushFileSystem(descriptor, label: label, path: path)
    }
  }

  /// Makes the bytes of a file in this directory durable, whoever wrote them; its name is durable with ``sync()``.
  public func syncFile(_ name: String) throws(FileError) {
    let file = try openFile(name)
    try Flushes.flush(file.descriptor, label: labelOf(name), path: pathOf(name))
  }

  /// Makes the bytes and the size of a file in this directory durable, and not its times: next to nothing where they are.
  public func syncData(of name: String) throws(FileError) {
    let file = try openFile(name)
    try Flushes.flushData(file.descriptor, label: labelOf(name), path: pathOf(name))
  }
}
