import CLinux
import Glibc

// A file that grows over several runs of a program, such as a download.
//
// Order: append as bytes come, nothing of it durable; whoever goes on later reads and checks what is there, as a crash
// leaves any part of it, and a power cut even blocks that were never written. Then `finish`, and then the name that says
// it is whole. Nobody relies on the file under its first name, so that folder is never synced.

/// A file whose bytes are added at its end, and kept until it is whole.
///
/// One writer at a time; the caller holds a lock.
public final class GrowingFile: Sendable {
  private let descriptor: Int32
  private let path: String
  private let label: String

  private init(descriptor: Int32, path: String, label: String) {
    self.descriptor = descriptor
    self.path = path
    self.label = label
  }

  deinit { close(descriptor) }

  /// Opens it, or makes an empty one that only its owner reads. Fails with `ELOOP` for a link.
  public static func open(_ name: String, in directory: Directory) throws(FileError) -> GrowingFile {
    try RelativePath.checkName(name, call: "open", in: directory)
    try Step.create.pass(directory.labelOf(name), path: directory.pathOf(name))
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    let descriptor = retrying { openat(directory.descriptor, name, flags, 0o600) }
    guard descriptor >= 0 else {
      throw FileError(call: "open", path: directory.pathOf(name), errno: errno)
    }
    let file = GrowingFile(
      descriptor: descriptor, path: directory.pathOf(name), label: directory.labelOf(name))
    guard try file.status().kind == .file else {
      throw FileError(call: "open", path: file.path, errno: EINVAL)
    }
    return file
  }

  public func status() throws(FileError) -> FileStatus { try FileStatus(of: descriptor, path: path) }

  /// Fills the buffer from an offset on; the number of bytes, 0 at the end.
  public func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    let count = retrying { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
    guard count >= 0 else { throw FileError(call: "read", path: path, errno: errno) }
    return count
  }

  /// Adds bytes at `offset`, which is the end.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
    try Step.write.pass(label, path: path)
    var rest = bytes
    var position = offset
    while !rest.isEmpty {
      let count = retrying { pwrite(descriptor, rest.baseAddress, rest.count, off_t(position)) }
      guard count >= 0 else { throw FileError(call: "write", path: path, errno: errno) }
      position += Int64(count)
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Asks the kernel to begin writing a range, so that `finish` has less to wait for.
  public func startWriteback(from offset: Int64, count: Int64) {
    _ = clinux_start_writeback(descriptor, offset, count)
  }

  /// Throws its bytes away.
  public func clear() throws(FileError) {
    try Step.write.pass(label, path: path)
    guard retrying({ ftruncate(descriptor, 0) }) == 0 else {
      throw FileError(call: "truncate", path: path, errno: errno)
    }
  }

  /// Makes content and mode durable; the name comes after.
  public func finish(mode: UInt32) throws(FileError) {
    guard fchmod(descriptor, mode_t(mode)) == 0 else {
      throw FileError(call: "chmod", path: path, errno: errno)
    }
    try Flushes.flush(descriptor, label: label, path: path)
  }
}
