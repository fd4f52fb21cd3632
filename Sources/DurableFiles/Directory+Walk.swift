import CLinux
import Glibc

// How a path is opened so that it can't leave its directory. Nothing here changes the disk.

extension Directory {
  /// Opens a path beneath this directory, crossing no symbolic link.
  ///
  /// One openat2 call where the kernel has it. A kernel before 5.6 answers `ENOSYS` and a container's seccomp filter
  /// `EPERM`; both mean the checked walk, which gives the same answers.
  func openBeneath(_ relative: String, _ flags: Int32) throws(FileError) -> Int32 {
    try RelativePath.check(relative, call: "open", in: self)
    var code = ENOSYS
    if !Pretence.pretends(.noConfinedOpen) {
      // EAGAIN: a rename elsewhere raced with the resolution. The walk doesn't mind renames.
      for _ in 0..<8 {
        let opened = retrying { clinux_open_beneath(descriptor, relative, flags) }
        if opened >= 0 { return opened }
        code = errno
        if code != EAGAIN { break }
      }
    }
    guard code == ENOSYS || code == EPERM || code == EAGAIN else {
      throw FileError(call: "open", path: pathOf(relative), errno: code)
    }
    return try walk(RelativePath.components(relative), flags, relative)
  }

  /// Opens one component after the other, each from the descriptor of the one before it.
  private func walk(
    _ components: [String], _ flags: Int32, _ relative: String
  ) throws(FileError) -> Int32 {
    var current = descriptor
    defer { if current != descriptor { close(current) } }
    for component in components.dropLast() {
      let next = try step(current, component, clinux_o_path() | O_DIRECTORY, relative)
      if current != descriptor { close(current) }
      current = next
    }
    return try step(current, components[components.count - 1], flags, relative)
  }

  private func step(
    _ parent: Int32, _ name: String, _ flags: Int32, _ relative: String
  ) throws(FileError) -> Int32 {
    let opened = retrying { openat(parent, name, flags | O_NOFOLLOW | O_CLOEXEC) }
    if opened >= 0 { return opened }
    var code = errno
    if code == ENOTDIR {
      // With O_DIRECTORY the kernel says of a link only that it is no directory.
      var status = stat()
      let answer = fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW)
      if answer == 0, FileKind(mode: status.st_mode) == .link { code = ELOOP }
    }
    throw FileError(call: "open", path: pathOf(relative), errno: code)
  }

  /// Runs `body` with the directory that holds the last component, and that component.
  ///
  /// The way there obeys the rules of ``openBeneath(_:_:)``; what the last component is, `body` decides.
  func withParent<Answer>(
    _ relative: String, call: String,
    _ body: (_ parent: Int32, _ name: String) throws(FileError) -> Answer
  ) throws(FileError) -> Answer {
    try RelativePath.check(relative, call: call, in: self)
    guard let last = relative.utf8.lastIndex(of: RelativePath.slash) else {
      return try body(descriptor, relative)
    }
    let parent = try openBeneath(String(relative[..<last]), clinux_o_path() | O_DIRECTORY)
    defer { close(parent) }
    return try body(parent, String(relative[relative.utf8.index(after: last)...]))
  }
}
