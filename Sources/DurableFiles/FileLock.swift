import CLinux
import Glibc
import Synchronization

// Locks between processes, and between threads of one process.
//
// Nothing here is durable, nor has to be: a lock lives in the kernel and goes with the process that holds it. The
// file that carries it is made when it is missing and isn't synced; a crash leaves it or not, both are fine.

/// A lock on a file, held until it is released, dropped, or its process ends, however it ends.
///
/// It belongs to the open file description (F_OFD_SETLK): two locks of one process exclude each other like those of
/// two processes, closing another descriptor of the file doesn't lose it, and a child that executes a program doesn't
/// take it along.
public final class FileLock: Sendable {
  public enum Mode: Sendable {
    /// Held by any number at once.
    case shared
    /// Held alone.
    case exclusive
  }

  public let mode: Mode
  private let descriptor: Mutex<Int32?>

  private init(descriptor: Int32, mode: Mode) {
    self.mode = mode
    self.descriptor = Mutex(descriptor)
  }

  deinit { release() }

  /// Gives the lock back; more than once is fine.
  public func release() {
    descriptor.withLock { descriptor in
      guard let held = descriptor else { return }
      // Unlocked and not only closed: a child forked meanwhile may still hold the same description.
      _ = clinux_lock(held, Int32(F_UNLCK))
      close(held)
      descriptor = nil
    }
  }

  /// Takes the lock if nobody is in the way, else nil, at once.
  ///
  /// The file is created with mode 0600 when it is missing: a uid that could read it could share the lock, and hold up
  /// its owner. Fails when the file can't be opened or the file system has no locks.
  public static func tryAcquire(
    _ name: String, in directory: Directory, _ mode: Mode
  ) throws(FileError) -> FileLock? {
    try RelativePath.checkName(name, call: "lock", in: directory)
    // Again when the file was removed between opening and locking: that lock would exclude nobody.
    for _ in 0..<16 {
      let descriptor = try open(name, in: directory, mode)
      let type = mode == .shared ? F_RDLCK : F_WRLCK
      guard clinux_lock(descriptor, Int32(type)) == 0 else {
        let code = errno
        close(descriptor)
        if code == EAGAIN || code == EACCES { return nil }
        throw FileError(call: "lock", path: directory.pathOf(name), errno: code)
      }
      let lock = FileLock(descriptor: descriptor, mode: mode)
      let locked = try FileStatus(of: descriptor, path: directory.pathOf(name))
      let named = try directory.status(name)
      if let named, named.inode == locked.inode, named.device == locked.device { return lock }
    }
    return nil
  }

  /// Takes the lock, trying again for at most this long; nil when somebody held it all the time.
  ///
  /// Tries at least once. Waits 1 ms first and at most 25 ms between two tries, by the monotonic clock, as a robot's
  /// wall clock jumps. Nobody is served in order.
  public static func acquire(
    _ name: String, in directory: Directory, _ mode: Mode, waitingAtMost milliseconds: Int64
  ) throws(FileError) -> FileLock? {
    let deadline = monotonicMilliseconds().addingReportingOverflow(max(0, milliseconds))
    let end = deadline.overflow ? Int64.max : deadline.partialValue
    var pause: Int64 = 1
    while true {
      if let lock = try tryAcquire(name, in: directory, mode) { return lock }
      let left = end - monotonicMilliseconds()
      guard left > 0 else { return nil }
      var time = timespec(tv_sec: 0, tv_nsec: Int(min(pause, left)) * 1_000_000)
      nanosleep(&time, nil)
      pause = min(pause * 2, 25)
    }
  }

  private static func open(_ name: String, in directory: Directory, _ mode: Mode) throws(FileError) -> Int32 {
    let flags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    var descriptor = retrying { openat(directory.descriptor, name, O_RDWR | O_CREAT | flags, 0o600) }
    if descriptor < 0, mode == .shared, errno == EACCES || errno == EROFS {
      let refusal = errno
      descriptor = retrying { openat(directory.descriptor, name, O_RDONLY | flags) }
      // One that isn't there couldn't be made: that is why.
      if descriptor < 0, errno == ENOENT { errno = refusal }
    }
    guard descriptor >= 0 else {
      throw FileError(call: "lock", path: directory.pathOf(name), errno: errno)
    }
    // A narrow umask would keep other uids from taking it shared. Another uid's file is left as it is.
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o777 != 0o600 {
      fchmod(descriptor, 0o600)
    }
    return descriptor
  }

  private static func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
