import Glibc

// Notes that only save work: written in place and never flushed. Whoever reads one may find the old text, the new one, a part
// of it or nothing, and must then do without.

extension Directory {
  /// Writes a note of one line, over the one that was there; its rest stays behind the line. Makes the file with mode 0600.
  public func writeNote(_ name: String, _ line: String) throws(FileError) {
    try RelativePath.checkName(name, call: "open", in: self)
    let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC
    let file = retrying { openat(descriptor, name, flags, mode_t(0o600)) }
    guard file >= 0 else { throw FileError(call: "open", path: pathOf(name), errno: errno) }
    defer { close(file) }
    let bytes = Array("\(line)\n".utf8)
    guard retrying({ Int32(pwrite(file, bytes, bytes.count, 0)) }) == bytes.count else {
      throw FileError(call: "write", path: pathOf(name), errno: errno)
    }
  }

  /// The line of a note; nil where there is none, or one that can't be read.
  public func readNote(_ name: String) -> String? {
    guard let bytes = try? readSmallFile(name, limit: 4096),
      let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
    else { return nil }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }
}
