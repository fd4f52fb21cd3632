import Glibc

/// Reads files that are small by their nature.
enum SmallFile {
  /// Why a file can't be read.
  struct Failure: Error, CustomStringConvertible {
    let description: String
    let isMissing: Bool
  }

  /// All bytes of a regular file, at most `limitBytes`.
  static func read(_ path: String, limitBytes: Int) throws(Failure) -> [UInt8] {
    // A pipe must not stop this before it is known for one.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw failure(errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(description: "it is no regular file", isMissing: false)
    }
    var bytes = [UInt8](repeating: 0, count: limitBytes + 1)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(file, $0.baseAddress?.advanced(by: count), $0.count - count)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw failure(errno) }
      guard got > 0 else { break }
      count += got
    }
    guard count <= limitBytes else {
      throw Failure(description: "it has more than \(limitBytes) bytes", isMissing: false)
    }
    return Array(bytes.prefix(count))
  }

  private static func failure(_ code: Int32) -> Failure {
    Failure(description: String(cString: strerror(code)), isMissing: code == ENOENT || code == ENOTDIR)
  }
}
