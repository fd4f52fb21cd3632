import Glibc

/// Reads of a folder as any program makes them, without a line of the code that is being tested.
enum Disk {
  enum Kind: Hashable { case file, folder, link, other }

  struct Status {
    let kind: Kind
    let mode: UInt32
    let bytes: Int
    let inode: UInt64
    /// When its bytes, its mode or the number of its names last changed.
    let changed: String
  }

  /// What lies at the path itself, a link not followed; nil for nothing.
  static func status(_ path: String) -> Status? {
    var found = stat()
    guard lstat(path, &found) == 0 else { return nil }
    let kind: Kind =
      switch found.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    return Status(
      kind: kind, mode: found.st_mode & 0o7777, bytes: Int(found.st_size), inode: UInt64(found.st_ino),
      changed: "\(found.st_ctim.tv_sec).\(found.st_ctim.tv_nsec)")
  }

  static func kind(_ path: String) -> Kind? { status(path)?.kind }

  /// The names in a folder, sorted; none where there is no folder.
  static func names(_ path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// A link's text; nil for anything else.
  static func link(_ path: String) -> String? {
    var text = [CChar](repeating: 0, count: 4097)
    let count = readlink(path, &text, 4096)
    guard count >= 0 else { return nil }
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A file's bytes, links followed; nil where they can't be read.
  static func bytes(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 { return nil }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// Every path below a folder, relative to it, parents first; files that are no folders included.
  static func paths(below root: String, _ prefix: String = "") -> [String] {
    names("\(root)/\(prefix)").flatMap { name -> [String] in
      let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
      return kind("\(root)/\(path)") == .folder ? [path] + paths(below: root, path) : [path]
    }
  }
}
