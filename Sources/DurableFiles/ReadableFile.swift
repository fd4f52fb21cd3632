import CLinux
import Glibc
import Synchronization

/// A regular file open for reading.
///
/// Safe to share between threads, though two sequential readers of one object split the content between them.
public final class ReadableFile: Sendable {
  /// What direct reads are aligned to: the largest logical block of the media that robots have.
  public static let alignmentBytes = 4096

  /// For messages only.
  public let path: String
  /// In bytes, when it was opened.
  public let size: Int64
  package let descriptor: Int32
  private let position = Mutex<Int64>(0)
  private let direct: Atomic<Bool>

  /// Takes over `descriptor`, also when it throws.
  init(descriptor: Int32, path: String, direct: Bool) throws(FileError) {
    let status: FileStatus
    do throws(FileError) {
      status = try FileStatus(of: descriptor, path: path)
      guard status.kind == .file else {
        let code = status.kind == .directory ? EISDIR : EINVAL
        throw FileError(call: "open", path: path, errno: code)
      }
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    self.path = path
    size = status.size
    // Best effort: the kernel then reads ahead twice as far. A small file comes with one read anyway.
    if !direct, size > 128 << 10 { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
    let granted =
      direct && !Pretence.pretends(.noDirectReads) && clinux_set_direct(descriptor, 1) == 0
    self.direct = Atomic(granted)
  }

  deinit { close(descriptor) }

  /// Whether every read so far came from the medium and not from the page cache.
  ///
  /// Goes from true to false, never back, when the file system refuses a direct read or a buffer isn't aligned. A
  /// file system that ignores the request without a word (ext4 with data=journal, btrfs with compression) can't be
  /// told apart.
  public var isDirect: Bool { direct.load(ordering: .acquiring) }

  /// The status now.
  public func status() throws(FileError) -> FileStatus { try FileStatus(of: descriptor, path: path) }

  /// Reads on from where the last sequential read ended; the number of bytes, 0 at the end of the file.
  ///
  /// May return fewer bytes than fit. For direct reads use a buffer of ``alignedBuffer(byteCount:)``.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    try position.withLock { (position) throws(FileError) in
      let count = try read(at: position, into: buffer)
      position += Int64(count)
      return count
    }
  }

  /// Reads at an offset in bytes, without moving the sequential position; 0 at or after the end of the file.
  public func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    if isDirect, !isAligned(offset, buffer) {
      // The last direct read may have ended inside a block, at the end of the file: then nothing is left to read.
      if try status().size <= offset { return 0 }
      try giveUpDirectReads()
    }
    while true {
      let count = retrying { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
      if count >= 0 { return count }
      let code = errno
      guard code == EINVAL, isDirect else { throw FileError(call: "read", path: path, errno: code) }
      try giveUpDirectReads()
    }
  }

  private func isAligned(_ offset: Int64, _ buffer: UnsafeMutableRawBufferPointer) -> Bool {
    let address = buffer.baseAddress.map { Int(bitPattern: $0) } ?? 0
    let unit = Self.alignmentBytes
    return offset % Int64(unit) == 0 && address % unit == 0 && buffer.count % unit == 0
  }

  private func giveUpDirectReads() throws(FileError) {
    direct.store(false, ordering: .releasing)
    guard clinux_set_direct(descriptor, 0) == 0 else {
      throw FileError(call: "fcntl", path: path, errno: errno)
    }
  }

  /// Memory that direct reads accept; `byteCount` is rounded up to whole blocks. The caller deallocates it.
  public static func alignedBuffer(byteCount: Int = 1 << 20) -> UnsafeMutableRawBufferPointer {
    let blocks = max(1, (byteCount + alignmentBytes - 1) / alignmentBytes)
    return .allocate(byteCount: blocks * alignmentBytes, alignment: alignmentBytes)
  }
}
