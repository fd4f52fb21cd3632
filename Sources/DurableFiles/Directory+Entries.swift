import CLinux
import Glibc

/// One name in a directory.
///
/// Compare `bytes` where it matters: Swift calls two names equal that differ in how an accent is composed, the file
/// system doesn't.
public struct DirectoryEntry: Hashable, Sendable {
  /// The name; where it isn't UTF-8, with replacement characters, and then it reaches no file.
  public let name: String
  public let kind: FileKind
  /// The name as the file system holds it.
  public let bytes: [UInt8]
  /// False for a name that isn't UTF-8; no such name is ours, and it is to be refused.
  public let isUTF8: Bool

  init(bytes: [UInt8], kind: FileKind) {
    let valid = String(validating: bytes, as: UTF8.self)
    name = valid ?? String(decoding: bytes, as: UTF8.self)
    isUTF8 = valid != nil
    self.bytes = bytes
    self.kind = kind
  }
}

extension Directory {
  /// Every name in this directory but "." and "..", sorted by bytes.
  ///
  /// Reads through a descriptor of its own, so several threads may list at once and each starts at the beginning. A
  /// name that is added or removed meanwhile may or may not be among them.
  public func entries() throws(FileError) -> [DirectoryEntry] {
    let stream = try EntryStream(in: descriptor, ".", path: path)
    var entries: [DirectoryEntry] = []
    while let raw = try stream.next() {
      var kind = raw.kind
      if kind == nil { kind = try stream.kind(of: raw) }
      guard let kind else { continue }
      entries.append(DirectoryEntry(bytes: raw.bytes, kind: kind))
    }
    return entries.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }
}

/// A directory being read, entry by entry, in the order of the file system.
final class EntryStream {
  struct Entry {
    let bytes: [UInt8]
    /// Nil where the file system doesn't say.
    let kind: FileKind?
    /// The name for system calls.
    var terminated: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
  }

  private let stream: OpaquePointer
  private let path: String
  /// Of the directory; belongs to the stream.
  let descriptor: Int32

  /// Opens `name` in `parent`, never through a symbolic link.
  init(in parent: Int32, _ name: UnsafePointer<CChar>, path: String) throws(FileError) {
    let descriptor = retrying {
      openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    guard descriptor >= 0 else { throw FileError(call: "open", path: path, errno: errno) }
    guard let stream = fdopendir(descriptor) else {
      let code = errno
      close(descriptor)
      throw FileError(call: "fdopendir", path: path, errno: code)
    }
    self.stream = stream
    self.descriptor = descriptor
    self.path = path
  }

  deinit { closedir(stream) }

  func rewind() { rewinddir(stream) }

  /// The next entry but "." and "..", nil at the end.
  func next() throws(FileError) -> Entry? {
    while true {
      // Null means the end or an error; only errno tells them apart.
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw FileError(call: "readdir", path: path, errno: errno) }
        return nil
      }
      guard let name = clinux_entry_name(entry) else { continue }
      let bytes = UnsafeRawBufferPointer(start: name, count: strlen(name))
      if bytes.elementsEqual(".".utf8) || bytes.elementsEqual("..".utf8) { continue }
      return Entry(bytes: Array(bytes), kind: kind(type: entry.pointee.d_type))
    }
  }

  /// Asks for the kind of an entry; nil when it has gone meanwhile.
  func kind(of entry: Entry) throws(FileError) -> FileKind? {
    var status = stat()
    guard fstatat(descriptor, entry.terminated, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return nil }
      throw FileError(call: "stat", path: path, errno: errno)
    }
    return FileKind(mode: status.st_mode)
  }

  private func kind(type: UInt8) -> FileKind? {
    switch Int(type) {
    case Int(DT_UNKNOWN): nil
    case Int(DT_REG): .file
    case Int(DT_DIR): .directory
    case Int(DT_LNK): .link
    default: .other
    }
  }
}
