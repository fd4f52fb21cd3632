// Blocks kept for the way back.
//
// Order, arming: an unnamed file gets its blocks, is synced, gets its name, and the directory is synced; a crash
// leaves either no reserve or a whole one, and the next arming makes it up. Order, releasing: unlink, then sync of the
// directory, because a journalling file system hands freed blocks out only after the transaction that freed them. A
// crash between the two leaves the reserve or not. Nothing has to be cleaned up.

/// A file of real blocks in a directory, given back when the disk is full so that what must work still works.
public struct Reserve: Sendable {
  public static let name = "reserve"

  /// How many times the reserve's size must be free for it to be armed: it must never be what fills the disk.
  private static let ampleFactor: Int64 = 4
  /// How many inodes must be free for it to be armed.
  private static let ampleInodes: Int64 = 64
  private static let pieceBytes = 1 << 16

  public let directory: Directory

  public init(in directory: Directory) { self.directory = directory }

  /// Whether the reserve is there with real blocks; false also when that can't be known.
  public var isArmed: Bool {
    guard let status = try? directory.status(Self.name) else { return false }
    return status.kind == .file && status.allocatedBytes > 0
  }

  /// Makes the reserve when it is missing and free space is ample; whether it is there on return, durably.
  ///
  /// A file of that name without blocks of its own, as a copying backup makes it, is replaced. A full disk is no
  /// error, the answer is then false.
  @discardableResult public func arm(_ bytes: Int64 = 8 << 20) throws(FileError) -> Bool {
    precondition(bytes > 0, "a reserve of no bytes")
    if isArmed { return true }
    let free = try directory.freeSpace()
    guard free.bytes / Self.ampleFactor >= bytes, free.inodes ?? .max >= Self.ampleInodes else {
      return false
    }
    do throws(FileError) {
      if try directory.status(Self.name) != nil { try directory.remove(Self.name) }
      return try make(bytes)
    } catch {
      if error.isNoSpace { return false }
      throw error
    }
  }

  /// Removes the reserve; on return its blocks and its inode can be used. False when there was none.
  @discardableResult public func release() throws(FileError) -> Bool {
    guard try directory.remove(Self.name) else { return false }
    try directory.sync()
    Step.reserveWasReleased()
    return true
  }

  private func make(_ bytes: Int64) throws(FileError) -> Bool {
    let file = try directory.createFile(mode: 0o444)
    if try !file.preallocate(bytes, extending: true) { try fill(file, bytes) }
    try file.sync()
    guard try file.link(as: Self.name, in: directory) else { return isArmed }
    try directory.sync()
    return true
  }

  /// Takes blocks by writing. A file system that compresses would keep nothing of zeros, so it gets noise.
  private func fill(_ file: NewFile, _ bytes: Int64) throws(FileError) {
    var noise = UInt64.random(in: .min ... .max)
    var left = bytes
    while left > 0 {
      let piece = (0..<Self.pieceBytes / 8).map { _ in
        noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return noise
      }
      let count = Int(min(left, Int64(Self.pieceBytes)))
      try piece.withUnsafeBufferPointer { (words) throws(FileError) in
        try file.write(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(words)[..<count]))
      }
      left -= Int64(count)
    }
  }
}
