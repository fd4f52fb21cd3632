import DurableFiles
import Glibc
import RegistryModel

// The clock of a directory that several machines write to. Theirs may be wrong by hours or years, and a cursor that one of
// them moved must not hide what another one writes next: so a directory's time never goes back, whoever writes. `.clock`
// in its root carries it as its time of modification; a file that is made gets that time where the machine's is behind.
// Nothing of it is flushed: what a crash loses is less than the hour of overlap with which a journal is read.

extension DirectoryStore {
  private static let clockName = ".clock"
  private static let stepNanoseconds: Int64 = 1_000_000_000

  /// Gives a file that is about to be named the directory's time.
  func stamp(_ file: NewFile) throws {
    let own = try file.status().modifiedNanoseconds
    guard let last = try root.status(Self.clockName)?.modifiedNanoseconds else {
      _ = try? root.createFile(mode: 0o644).link(as: Self.clockName, in: root)
      return
    }
    if last > own { return try file.setModified(nanoseconds: last) }
    // Whoever may not is one of many who do.
    if own - last > Self.stepNanoseconds { try? root.setModified(Self.clockName, nanoseconds: own) }
  }
}

extension FileError {
  /// Whether a medium or a share is gone, and not a file of it.
  var isAway: Bool {
    [ENOENT, EIO, ESTALE, ENODEV, ENXIO, ENOTCONN, ETIMEDOUT, EHOSTDOWN, ENOMEDIUM].contains(errno)
  }
}
