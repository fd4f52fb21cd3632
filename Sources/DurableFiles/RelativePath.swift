import Glibc

/// The rules for a path or name from above, checked before any system call sees it.
///
/// Bytes are compared, not characters: Swift joins "/" and a combining accent to one character, the kernel doesn't.
enum RelativePath {
  static let slash = UInt8(ascii: "/")
  private static let dot = UInt8(ascii: ".")

  /// How many components a path has that stays beneath its directory.
  ///
  /// Fails with `EXDEV` for an absolute path or a "..", and with `EINVAL` for an empty component, a "." or a NUL.
  @discardableResult
  static func check(_ path: String, call: String, in directory: Directory) throws(FileError) -> Int {
    var count = 0
    var length = 0
    var dots = 0
    var code: Int32 = path.utf8.first == slash ? EXDEV : 0
    func endComponent() {
      count += 1
      if length == 0 || (length == 1 && dots == 1) { code = code == 0 ? EINVAL : code }
      if length == 2 && dots == 2 { code = code == 0 ? EXDEV : code }
      (length, dots) = (0, 0)
    }
    for byte in path.utf8 {
      if byte == slash {
        endComponent()
      } else {
        length += 1
        if byte == dot { dots += 1 }
        if byte == 0, code == 0 { code = EINVAL }
      }
    }
    endComponent()
    guard code == 0 else { throw FileError(call: call, path: directory.pathOf(path), errno: code) }
    return count
  }

  /// The components of such a path.
  static func components(_ path: String) -> [String] {
    path.utf8.split(separator: slash).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Refuses what isn't exactly one component.
  static func checkName(_ name: String, call: String, in directory: Directory) throws(FileError) {
    guard try check(name, call: call, in: directory) == 1 else {
      throw FileError(call: call, path: directory.pathOf(name), errno: EINVAL)
    }
  }
}
