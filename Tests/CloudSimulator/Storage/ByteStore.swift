import Glibc
import RegistryModel

/// Where bodies are kept that are larger than a mebibyte.
package enum Spool: Hashable, Sendable {
  case memory
  /// In files of this folder that have no name; each takes an open descriptor.
  case folder(String)
}

/// A file call of the simulator that failed.
struct SpoolFailure: Error, CustomStringConvertible {
  let call: String
  let code: Int32
  var description: String { "\(call) of spooled bytes failed: \(String(cString: strerror(code)))" }
}

/// Bytes that grow at their end, in memory or in a file, with their checksums.
///
/// `@unchecked Sendable`: one owner at a time appends (the connection that receives it, then the storage under its
/// lock); once it belongs to an object it never changes again, and only `read` and `bytes` are called from anywhere.
package final class ByteStore: @unchecked Sendable {
  private static let memoryLimitBytes = 1 << 20

  private let spool: Spool
  private var memory: [UInt8] = []
  private var descriptor: Int32 = -1
  package private(set) var count: Int64 = 0

  private var crc = CRC32C()
  private var md5: MessageDigest?
  private var hashedCount: Int64 = 0
  private let hasMD5: Bool
  /// Whether bytes are hashed when they arrive instead of when the checksums are asked for.
  private let hashesOnArrival: Bool

  package init(spool: Spool = .memory, hasMD5: Bool = true, hashesOnArrival: Bool = false) {
    self.spool = spool
    self.hasMD5 = hasMD5
    self.hashesOnArrival = hashesOnArrival
    md5 = hasMD5 ? .md5() : nil
  }

  package convenience init(_ bytes: [UInt8], hasMD5: Bool = true) {
    self.init(hasMD5: hasMD5)
    memory = bytes
    count = Int64(bytes.count)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count > 0 else { return }
    if descriptor < 0, case .folder(let folder) = spool, memory.count + bytes.count > Self.memoryLimitBytes {
      try moveToFile(in: folder)
    }
    if descriptor < 0 { memory.append(contentsOf: bytes) } else { try write(bytes, at: count) }
    count += Int64(bytes.count)
    if hashesOnArrival, hashedCount == count - Int64(bytes.count) { hash(bytes) }
  }

  package func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try append($0) } }

  /// Appends a part of another store.
  func append(_ other: ByteStore, _ range: Range<Int64>) throws {
    let all = hashedCount == count
    try other.each(range) { piece in
      try append(piece)
      // Hashed while the bytes are at hand, unless earlier ones are still to be.
      if all, !hashesOnArrival { hash(piece) }
    }
  }

  /// Gives the bytes of a range piece by piece, through one buffer.
  private func each(_ range: Range<Int64>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    defer { buffer.deallocate() }
    var position = range.lowerBound
    while position < range.upperBound {
      let piece = UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<min(buffer.count, Int(range.upperBound - position))])
      try read(at: position, into: piece)
      try body(UnsafeRawBufferPointer(piece))
      position += Int64(piece.count)
    }
  }

  /// Forgets everything behind the first bytes.
  package func truncate(to newCount: Int64) throws {
    guard newCount < count else { return }
    if descriptor < 0 {
      memory.removeLast(memory.count - Int(newCount))
    } else if ftruncate(descriptor, off_t(newCount)) != 0 {
      throw SpoolFailure(call: "ftruncate", code: errno)
    }
    count = newCount
    if hashedCount > newCount {
      hashedCount = 0
      crc = CRC32C()
      md5 = hasMD5 ? .md5() : nil
    }
  }

  package func bytes(in range: Range<Int64>) throws -> [UInt8] {
    if descriptor < 0 { return Array(memory[Int(range.lowerBound)..<Int(range.upperBound)]) }
    return try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      try read(at: range.lowerBound, into: UnsafeMutableRawBufferPointer(buffer))
      initialized = range.count
    }
  }

  /// Fills the buffer with the bytes from `offset` on, which must be there.
  package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws {
    if descriptor < 0 {
      memory.withUnsafeBytes { all in
        buffer.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: all[Int(offset)..<(Int(offset) + buffer.count)]))
      }
      return
    }
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { throw SpoolFailure(call: "pread", code: got < 0 ? errno : EIO) }
      done += got
    }
  }

  /// CRC-32C and, where it is kept, MD5 of everything.
  func checksums() throws -> (crc32c: UInt32, md5: [UInt8]?) {
    try each(hashedCount..<count) { hash($0) }
    return (crc.value, md5?.current())
  }

  private func hash(_ bytes: UnsafeRawBufferPointer) {
    crc.update(bytes)
    md5?.update(bytes)
    hashedCount += Int64(bytes.count)
  }

  private func moveToFile(in folder: String) throws {
    var template = Array("\(folder)/spooled-XXXXXX".utf8CString)
    let opened = mkstemp(&template)
    guard opened >= 0 else { throw SpoolFailure(call: "mkstemp", code: errno) }
    unlink(template)
    descriptor = opened
    let held = memory
    memory = []
    try held.withUnsafeBytes { try write($0, at: 0) }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let written = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw SpoolFailure(call: "pwrite", code: errno) }
      done += written
    }
  }
}
