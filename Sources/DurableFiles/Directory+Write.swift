import CLinux
import Glibc

// A small file under its name at once.
//
// Order: create, write; nothing here is durable. For scratch folders only, whose content nobody relies on before it was
// flushed: a crash leaves the file with none, some or all of its bytes, and the sweep of that folder removes it.

extension Directory {
  /// Makes a file with these bytes, and with exactly this mode, whatever the umask; false, and nothing changed, when
  /// the name is taken.
  ///
  /// Spares the way through a file without a name, which costs half of the work where there are many. After a failure
  /// the name may stand for a part of the bytes: give the whole folder up.
  public func writeFile(_ name: String, _ bytes: [UInt8], mode: UInt32 = 0o444) throws(FileError) -> Bool {
    try RelativePath.checkName(name, call: "create", in: self)
    try Step.create.pass(labelOf(name), path: pathOf(name))
    let created = retrying {
      openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(mode))
    }
    if created < 0, errno == EEXIST { return false }
    guard created >= 0 else { throw FileError(call: "create", path: pathOf(name), errno: errno) }
    let file = NewFile(descriptor: created, home: self, hiddenName: nil)
    guard fchmod(created, mode_t(mode)) == 0 else {
      throw FileError(call: "chmod", path: pathOf(name), errno: errno)
    }
    try bytes.withUnsafeBufferPointer { (bytes) throws(FileError) in
      try file.write(UnsafeRawBufferPointer(bytes))
    }
    return true
  }
}
