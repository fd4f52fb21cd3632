import Glibc

/// A system call that failed: which one, on what, and why.
///
/// Every operation of this module throws this type and nothing else. What is unchanged and what to do next are for
/// the layer that knows what the file meant.
public struct FileError: Error, Hashable, Sendable {
  /// The system call, or the step that stands for several ("rename", "sync").
  public let call: String
  /// The path that people see; never used to reach a file.
  public let path: String
  /// The kernel's error number.
  public let errno: Int32

  public init(call: String, path: String, errno: Int32) {
    self.call = call
    self.path = path
    self.errno = errno
  }
}

extension FileError {
  /// There is no such file or directory.
  public var isMissing: Bool { errno == ENOENT }
  /// No directory has the name that was opened as one: nothing does, or a file, or a link that leads nowhere.
  public var isNoDirectory: Bool { errno == ENOTDIR || errno == ENOENT || errno == ELOOP }
  /// What was read as a link is none, or its text isn't UTF-8.
  public var isNoText: Bool { errno == EINVAL || errno == EILSEQ }
  /// No blocks, no inodes, or a quota is used up.
  public var isNoSpace: Bool { errno == ENOSPC || errno == EDQUOT }
  /// The file system is mounted read-only, perhaps because the kernel found it damaged.
  public var isReadOnly: Bool { errno == EROFS }
  /// This uid may not.
  public var isPermission: Bool { errno == EACCES || errno == EPERM }
  /// The name is taken.
  public var exists: Bool { errno == EEXIST }
  /// The medium failed; what was being written or read is suspect.
  public var isIO: Bool { errno == EIO }
}

extension FileError {
  /// What `look` finds; nil where there is nothing, or no longer.
  public static func unlessMissing<Answer>(
    _ look: () throws(FileError) -> Answer?
  ) throws(FileError) -> Answer? {
    do throws(FileError) {
      return try look()
    } catch {
      guard error.isMissing else { throw error }
      return nil
    }
  }
}

extension FileError: CustomStringConvertible {
  /// For instance "rename /store/active: No space left on device".
  public var description: String {
    var text = [CChar](repeating: 0, count: 256)
    // The reentrant form, as other threads fail too. An unknown number still fills in a text.
    _ = strerror_r(errno, &text, text.count)
    let message = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return "\(call) \(path): \(String(decoding: message, as: UTF8.self))"
  }
}
