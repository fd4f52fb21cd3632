import CLinux
import Glibc

// Bytes into a file in the making. Order and crash points: see NewFile.swift; nothing here is durable before `sync()`.

extension NewFile {
  /// Appends all bytes, or fails and poisons the file.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try poisoning("write") { () throws(FileError) in
      try Step.write.pass(label, path: path)
      try writeAll(bytes)
    }
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = retrying { Glibc.write(descriptor, rest.baseAddress, rest.count) }
      guard count >= 0 else { throw FileError(call: "write", path: path, errno: errno) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Shares all blocks of another file instead of copying them; false, and nothing changed, where that can't be done.
  ///
  /// The new content costs no space until one of the two is changed, which never happens in a store. Fails, and
  /// poisons the file, when the disk is full or broken.
  public func clone(of source: ReadableFile) throws(FileError) -> Bool {
    try poisoning("clone") { () throws(FileError) in
      try Step.clone.pass(label, path: path)
      if clinux_clone(descriptor, source.descriptor) == 0 { return true }
      switch errno {
      case EOPNOTSUPP, ENOTTY, ENOSYS, EINVAL, EXDEV, EPERM, ETXTBSY: return false
      case let code: throw FileError(call: "clone", path: path, errno: code)
      }
    }
  }

  /// Takes blocks for this many bytes; false, and nothing changed, where the file system can't.
  ///
  /// The size stays unless `extending`, which lets the new bytes read as zeros; the next write goes where it would
  /// have gone before.
  /// A full disk is then met here, with `ENOSPC`, before the first byte and not after the last but one.
  @discardableResult public func preallocate(
    _ bytes: Int64, extending: Bool = false
  ) throws(FileError) -> Bool {
    try poisoning("allocate") { () throws(FileError) in
      try Step.allocate.pass(label, path: path)
      guard bytes > 0 else { return true }
      var code = EOPNOTSUPP
      if !Pretence.pretends(.noPreallocation) {
        if retrying({ clinux_allocate(descriptor, bytes, extending ? 1 : 0) }) == 0 { return true }
        code = errno
      }
      guard code == EOPNOTSUPP || code == ENOSYS else {
        throw FileError(call: "allocate", path: path, errno: code)
      }
      return false
    }
  }

  /// Gives the file a modification time, in nanoseconds since the epoch; the file system may cut it to what it stores.
  public func setModified(nanoseconds: Int64) throws(FileError) {
    try poisoning("utimens") { () throws(FileError) in
      let time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
      let times = [time, time]
      guard futimens(descriptor, times) == 0 else {
        throw FileError(call: "utimens", path: path, errno: errno)
      }
    }
  }

  /// Asks the kernel to begin writing a range to the medium, so that `sync()` at the end has less to wait for.
  ///
  /// Promises nothing, reports nothing; an error of the medium comes back from `sync()`.
  public func startWriteback(from offset: Int64, count: Int64) {
    _ = clinux_start_writeback(descriptor, offset, count)
  }

  /// Makes content and mode durable; the name comes after.
  ///
  /// Never repeated: after a failure the file is poisoned, as a second call could be answered with a success that
  /// means nothing.
  public func sync() throws(FileError) {
    try poisoning("fsync") { () throws(FileError) in
      try Flushes.flush(descriptor, label: label, path: path)
    }
  }
}
