import Glibc

// Reading what is there. Nothing here changes the disk.

extension Directory {
  /// Opens a regular file beneath this directory for reading, crossing no symbolic link.
  ///
  /// `direct` asks for reads from the medium instead of the page cache; ``ReadableFile/isDirect`` says whether they
  /// are. Fails with `ELOOP` for a link, `EISDIR` for a directory, and `EINVAL` or `ENXIO` for anything else that
  /// isn't a regular file; a pipe without a writer can't hold it up.
  public func openFile(_ relative: String, direct: Bool = false) throws(FileError) -> ReadableFile {
    let descriptor = try openBeneath(relative, O_RDONLY | O_NONBLOCK | O_NOCTTY)
    return try ReadableFile(descriptor: descriptor, path: pathOf(relative), direct: direct)
  }

  /// The status of a name, of a link itself and not of its target; nil when it is missing.
  public func status(_ relative: String) throws(FileError) -> FileStatus? {
    do throws(FileError) {
      return try withParent(relative, call: "stat") { (parent, name) throws(FileError) in
        var status = stat()
        guard fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
          throw FileError(call: "stat", path: pathOf(relative), errno: errno)
        }
        return FileStatus(status)
      }
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// The status of this directory itself; a link count of 0 means that it was removed.
  public func ownStatus() throws(FileError) -> FileStatus {
    try FileStatus(of: descriptor, path: path)
  }

  /// The target of a symbolic link, nil when the name is missing.
  ///
  /// Fails with `EINVAL` for what isn't a link, and with `EILSEQ` for a target that isn't UTF-8.
  public func readLink(_ relative: String) throws(FileError) -> String? {
    do throws(FileError) {
      return try withParent(relative, call: "readlink") { (parent, name) throws(FileError) in
        // The kernel's limit for a path, with its NUL, so that no target is cut off.
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlinkat(parent, name, &target, target.count)
        guard count >= 0 else {
          throw FileError(call: "readlink", path: pathOf(relative), errno: errno)
        }
        let bytes = target.prefix(count).map { UInt8(bitPattern: $0) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw FileError(call: "readlink", path: pathOf(relative), errno: EILSEQ)
        }
        return text
      }
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// The whole content of a small regular file.
  ///
  /// Fails with `EFBIG` when it holds more than `limit` bytes, before more than that is read.
  public func readSmallFile(_ relative: String, limit: Int = 16 << 20) throws(FileError) -> [UInt8] {
    try openFile(relative).content(limit: limit)
  }
}

extension ReadableFile {
  /// Everything from where it was read to, up to its end; `EFBIG` where that is more than `limit` bytes.
  public func content(limit: Int) throws(FileError) -> [UInt8] {
    guard size <= Int64(limit) else { throw FileError(call: "read", path: path, errno: EFBIG) }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    var filled = 0
    while true {
      // One byte more than the size said, to notice a file that grows while it is read.
      if filled == bytes.count {
        guard filled <= limit else { throw FileError(call: "read", path: path, errno: EFBIG) }
        bytes.append(contentsOf: repeatElement(0, count: min(max(filled, 512), limit + 1 - filled)))
      }
      let count = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(FileError) in
        let free = UnsafeMutableRawBufferPointer(buffer)[filled...]
        return try read(into: UnsafeMutableRawBufferPointer(rebasing: free))
      }
      if count == 0 { break }
      filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }
}
