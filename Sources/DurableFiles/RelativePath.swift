import Glibc

/// The rules for a path or name from above, checked before any system call sees it.
///
/// Bytes are compared, not characters: Swift joins "/" and a combining accent to one character, the kernel doesn't.
enum RelativePath {
  private static let slash = UInt8(ascii: "/")

  /// The components of a path that stays beneath its directory.
  ///
  /// Fails with `EXDEV` for an absolute path or a "..", and with `EINVAL` for an empty component, a "." or a NUL.
  static func components(
    _ path: String, call: String, in directory: Directory
  ) throws(FileError) -> [String] {
    guard path.utf8.first != slash else { throw refusal(EXDEV, path, call, directory) }
    var components: [String] = []
    for part in path.utf8.split(separator: slash, omittingEmptySubsequences: false) {
      guard !part.elementsEqual("..".utf8) else { throw refusal(EXDEV, path, call, directory) }
      guard !part.isEmpty, !part.elementsEqual(".".utf8), !part.contains(0) else {
        throw refusal(EINVAL, path, call, directory)
      }
      components.append(String(decoding: part, as: UTF8.self))
    }
    return components
  }

  /// Refuses what isn't exactly one component.
  static func checkName(_ name: String, call: String, in directory: Directory) throws(FileError) {
    guard try components(name, call: call, in: directory).count == 1 else {
      throw refusal(EINVAL, name, call, directory)
    }
  }

  private static func refusal(
    _ code: Int32, _ path: String, _ call: String, _ directory: Directory
  ) -> FileError {
    FileError(call: call, path: directory.pathOf(path), errno: code)
  }
}
