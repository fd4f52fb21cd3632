import CLinux
import Glibc
import Synchronization

// A file in the making.
//
// Order: create without a name, write, `sync()`, and only then `link(as:in:)`, and then `sync()` of that directory.
// Why: a name that is there before the bytes are durable is an empty file after a power cut. A crash before the link
// leaves nothing, as the kernel frees an unnamed file with its last descriptor (a power cut: at the next mount). On a
// file system without unnamed files it leaves a hidden file ".new-…" in the directory where it was created; whoever
// owns that directory removes those (staging is swept at opening). A crash after the link and before the directory's
// sync leaves the whole file, named or not.

/// A file that nobody else can see until it is whole.
///
/// Create one with ``Directory/createFile(mode:)``. Dropped without a link, it is gone. After a failed write or sync
/// it is poisoned: its content is unknown, so every further write, sync and link fails with `EIO`; make a new one.
public final class NewFile: Sendable {
  /// The directory that it was created in, and the only one on whose file system it can be linked.
  let home: Directory
  package let descriptor: Int32
  let state: Mutex<State>

  struct State {
    /// The name in ``home`` where the file system lacks unnamed files, until the file is linked.
    var hiddenName: String?
    var isPoisoned = false
    /// Whether it has a place among the files that are kept open.
    var isKept = false
    var isClosed = false
  }

  init(descriptor: Int32, home: Directory, hiddenName: String?) {
    self.descriptor = descriptor
    self.home = home
    state = Mutex(State(hiddenName: hiddenName))
  }

  deinit {
    // Best effort and no step: what stays is swept like after a crash.
    if let hiddenName = state.withLock({ $0.hiddenName }) { unlinkat(home.descriptor, hiddenName, 0) }
    close()
  }

  /// Whether the file may stay open for long, without a name, among many others; false where the process has no more
  /// places for such files. `close()` gives the place back.
  public func keepOpen() -> Bool {
    state.withLock { state in
      if !state.isKept { state.isKept = OpenFiles.take() }
      return state.isKept
    }
  }

  public var isClosed: Bool { state.withLock(\.isClosed) }

  /// Frees the descriptor; for a file that has its name, or is given up. Whatever is asked of it later fails with `EIO`.
  public func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      state.isPoisoned = true
      if state.isKept { OpenFiles.release() }
      Glibc.close(descriptor)
    }
  }

  /// Its status, the size so far for instance.
  public func status() throws(FileError) -> FileStatus { try FileStatus(of: descriptor, path: path) }

  /// Whether the umask left it this mode: to look costs less than to set it, which is a write to the file system.
  func hasMode(_ mode: UInt32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & 0o7777 == mode_t(mode)
  }

  /// For messages: it has no path yet.
  var path: String { home.pathOf("(new file)") }
  var label: String { "new file in \(home.label)" }

  /// Runs one step, unless the file is poisoned; a failure of the step poisons it.
  func poisoning<Answer>(_ call: String, _ body: () throws(FileError) -> Answer) throws(FileError) -> Answer {
    try checkSound(call)
    do throws(FileError) {
      return try body()
    } catch {
      state.withLock { $0.isPoisoned = true }
      throw error
    }
  }

  func checkSound(_ call: String) throws(FileError) {
    guard !state.withLock({ $0.isPoisoned }) else {
      throw FileError(call: call, path: path, errno: EIO)
    }
  }
}

extension Directory {
  /// Creates a file without a name on this directory's file system, with exactly this mode, whatever the umask.
  ///
  /// Where the file system lacks unnamed files it gets a hidden, random name here, which goes when the object goes or
  /// when the file is linked.
  public func createFile(mode: UInt32 = 0o444) throws(FileError) -> NewFile {
    try Step.create.pass("new file in \(label)", path: pathOf("(new file)"))
    var hiddenName: String?
    var created: Int32 = -1
    var code = EOPNOTSUPP
    if !Pretence.pretends(.noUnnamedFiles) {
      created = retrying { clinux_open_unnamed(descriptor, mode_t(mode)) }
      code = errno
    }
    // A file system that doesn't know the flag answers EOPNOTSUPP, some old ones EISDIR or EINVAL.
    if created < 0, code == EOPNOTSUPP || code == EISDIR || code == EINVAL {
      let name = ".new-\(String(UInt64.random(in: .min ... .max), radix: 16))"
      created = retrying {
        openat(descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(mode))
      }
      code = errno
      hiddenName = name
    }
    guard created >= 0 else { throw FileError(call: "create", path: pathOf("(new file)"), errno: code) }
    let file = NewFile(descriptor: created, home: self, hiddenName: hiddenName)
    guard file.hasMode(mode) || fchmod(created, mode_t(mode)) == 0 else {
      throw FileError(call: "chmod", path: file.path, errno: errno)
    }
    return file
  }
}
