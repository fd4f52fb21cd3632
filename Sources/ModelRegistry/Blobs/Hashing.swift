import DurableFiles
import RegistryModel

/// What reading a file for its digest found.
struct HashedFile {
  let digest: Digest
  let bytes: Int64
  /// Bytes that came from the page cache, as the medium could not be read directly.
  let bytesFromCache: Int64
}

/// Reads files through one buffer of 1 MiB, whatever their size.
enum Hashing {
  /// Reads to the end; `file` may have been opened for direct reading.
  static func digest(of file: ReadableFile, each: (Int) throws -> Void = { _ in }) throws -> HashedFile {
    let hash = try SHA256()
    let buffer = ReadableFile.alignedBuffer(byteCount: BlobStore.chunkBytes)
    defer { buffer.deallocate() }
    var total: Int64 = 0
    while true {
      let count = try file.read(into: buffer)
      if count == 0 { break }
      try hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      total += Int64(count)
      try each(count)
    }
    return HashedFile(
      digest: try hash.finish(), bytes: total, bytesFromCache: file.isDirect ? 0 : total)
  }

  /// Whether a file has these bytes. One that the medium can't read any more hasn't.
  static func agrees(
    _ file: ReadableFile, _ digest: Digest, _ meter: ProgressMeter = .unwatched
  ) throws -> Bool {
    do {
      return try Self.digest(of: file) { _ in try meter.check() }.digest == digest
    } catch let error as FileError where error.isIO {
      return false
    }
  }

  static func crc32c(of file: ReadableFile, _ meter: ProgressMeter) throws -> UInt32 {
    var crc = CRC32C()
    let buffer = ReadableFile.alignedBuffer(byteCount: BlobStore.chunkBytes)
    defer { buffer.deallocate() }
    while true {
      let count = try file.read(into: buffer)
      if count == 0 { return crc.value }
      crc.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      try meter.check()
    }
  }

  /// Whether two files of one size agree in three samples: a cheap "could be the same" before either is read.
  static func samplesAgree(_ a: ReadableFile, _ b: ReadableFile, bytes: Int64) throws -> Bool {
    let length = 4096
    let left = ReadableFile.alignedBuffer(byteCount: length)
    let right = ReadableFile.alignedBuffer(byteCount: length)
    defer {
      left.deallocate()
      right.deallocate()
    }
    for offset in [0, bytes / 2, max(0, bytes - Int64(length))] {
      let m = try a.read(at: offset, into: left)
      let n = try b.read(at: offset, into: right)
      guard m == n, left[..<m].elementsEqual(right[..<n]) else { return false }
    }
    return true
  }
}
