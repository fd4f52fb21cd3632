import DurableFiles
import RegistryModel

/// A file's bytes on their way into the store: hashed, durable unless somebody flushes them later, and not a blob yet.
/// They are in `file`, which has no name, or in the operation's folder under their digest's digits.
struct StagedBlob: Sendable {
  let digest: Digest
  let bytes: Int64
  /// Whether a blob of the same digest was found here, so that nothing was staged.
  let isReused: Bool
  /// Nil also where nothing was staged.
  var file: NewFile?
}

extension BlobStore {
  /// Streams `source` into an unnamed file on the store's file system, hashing as it goes, makes it durable, and
  /// then names it in the operation's folder: a file there is always whole.
  ///
  /// Where a blob in `candidates` (those of the same size) agrees in samples, the source is only hashed first: a
  /// file that is here already moves no bytes. Memory: one buffer of 1 MiB.
  func stage(
    _ source: ReadableFile, candidates: [BlobRecord], in operation: Operation, flushing: Bool = true,
    each: (Int) throws -> Void
  ) throws -> StagedBlob {
    if let known = try existing(source, among: candidates, each: each) { return known }
    return try stage(in: operation, flushing: flushing, each: each) { try source.read(at: $0, into: $1) }
  }

  /// Streams what `read` brings, from the offset that it is given to the end, which is 0 bytes. Without `flushing`
  /// it is not durable yet: whoever stages many files so flushes the file system once, before any gets a name.
  func stage(
    in operation: Operation, flushing: Bool = true, each: (Int) throws -> Void,
    reading read: (Int64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws -> StagedBlob {
    let writebackBytes: Int64 = 8 << 20
    let file = try operation.folder.createFile(mode: 0o444)
    let hash = try SHA256()
    let buffer = ReadableFile.alignedBuffer(byteCount: Self.chunkBytes)
    defer { buffer.deallocate() }
    var total: Int64 = 0
    var started: Int64 = 0
    while true {
      let count = try read(total, buffer)
      if count == 0 { break }
      let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      try file.write(piece)
      total += Int64(count)
      if total - started >= writebackBytes {
        // The disk begins while the processor still hashes: the sync at the end then finds little to do.
        file.startWriteback(from: started, count: total - started)
        started = total
      }
      try hash.update(piece)
      try each(count)
    }
    return try finish(file, try hash.finish(), total, operation, flushing)
  }

  /// Stages bytes that are in memory: manifests and other small documents.
  func stage(_ bytes: [UInt8], in operation: Operation, flushing: Bool = true) throws -> StagedBlob {
    let file = try operation.folder.createFile(mode: 0o444)
    try bytes.withUnsafeBytes { try file.write($0) }
    return try finish(file, try Digest.sha256(of: bytes), Int64(bytes.count), operation, flushing)
  }

  private func finish(
    _ file: NewFile, _ digest: Digest, _ bytes: Int64, _ operation: Operation, _ flushing: Bool
  ) throws -> StagedBlob {
    if flushing { try file.sync() }
    if file.keepOpen() { return StagedBlob(digest: digest, bytes: bytes, isReused: false, file: file) }
    _ = try file.link(as: digest.hex, in: operation.folder)  // there already: the same bytes, staged twice
    return StagedBlob(digest: digest, bytes: bytes, isReused: false)
  }

  private func existing(
    _ source: ReadableFile, among candidates: [BlobRecord], each: (Int) throws -> Void
  ) throws -> StagedBlob? {
    for candidate in candidates where !candidate.isDamaged {
      guard let blob = try? open(candidate.digest),
        try Hashing.samplesAgree(source, blob, bytes: candidate.bytes)
      else { continue }
      let hashed = try Hashing.digest(of: source, each: each)
      guard let match = candidates.first(where: { $0.digest == hashed.digest && !$0.isDamaged }) else {
        return nil
      }
      return StagedBlob(digest: match.digest, bytes: hashed.bytes, isReused: true)
    }
    return nil
  }
}
