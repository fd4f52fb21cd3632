import CLibArchive
import DurableFiles
import Glibc
import RegistryModel

/// Writes a tar or zip through libarchive into a file in the making; nothing of it is durable before the file is synced.
///
/// Entries have no owner and no time, and a zip's are stored, so that the same content makes the same bytes.
final class ArchiveWriter {
  enum Format { case tar, zip }

  private let archive: OpaquePointer
  private let sink: Sink
  private let locale = TextLocale()
  private let buffer = ReadableFile.alignedBuffer(byteCount: BlobStore.chunkBytes)

  /// - Parameter hash: takes all bytes as they are written.
  init(_ file: NewFile, _ format: Format = .tar, hash: SHA256? = nil) throws(RegistryError) {
    guard let archive = archive_write_new() else {
      throw RegistryError(.failed, "libarchive can't be used", hint: "check the libarchive that is installed")
    }
    self.archive = archive
    sink = Sink(file, hash)
    guard Self.setFormat(format, archive),
      archive_write_set_bytes_per_block(archive, 1 << 20) == ARCHIVE_OK,
      archive_write_open(archive, Unmanaged.passUnretained(sink).toOpaque(), nil, writeToSink, nil)
        == ARCHIVE_OK
    else {
      throw RegistryError(.failed, "an archive can't be begun: \(problem)", hint: "run the command again")
    }
  }

  deinit {
    archive_write_free(archive)
    buffer.deallocate()
  }

  private static func setFormat(_ format: Format, _ archive: OpaquePointer) -> Bool {
    switch format {
    case .tar:
      archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK
        && archive_write_set_bytes_in_last_block(archive, 512) == ARCHIVE_OK
    case .zip:
      archive_write_set_format_zip(archive) == ARCHIVE_OK
        && archive_write_zip_set_compression_store(archive) == ARCHIVE_OK
        && archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK
    }
  }

  /// Adds one file; `read` brings its bytes, from the offset that it is given on.
  func add(
    _ name: RelativePath, bytes: Int64, reading read: (Int64, UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    guard let entry = archive_entry_new() else { throw failed(name) }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, name.text)
    archive_entry_set_size(entry, bytes)
    archive_entry_set_filetype(entry, S_IFREG)
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_mtime(entry, 0, 0)
    try check(locale.use { archive_write_header(archive, entry) }, name)
    var offset: Int64 = 0
    while offset < bytes {
      let count = try read(offset, buffer)
      guard count > 0, offset + Int64(count) <= bytes else {
        throw RegistryError(.integrity, "\(name.text) changed its length", hint: "run the command again")
      }
      guard archive_write_data(archive, buffer.baseAddress, count) == count else { throw failed(name) }
      offset += Int64(count)
    }
  }

  func add(_ name: RelativePath, _ document: [UInt8]) throws {
    let source = DocumentSource(document)
    try add(name, bytes: source.bytes) { source.read(at: $0, into: $1) }
  }

  /// Writes what marks the end.
  func finish() throws { try check(archive_write_close(archive), nil) }

  private func check(_ code: Int32, _ name: RelativePath?) throws {
    guard code == ARCHIVE_OK else { throw failed(name) }
  }

  private func failed(_ name: RelativePath?) -> any Error {
    if let failure = sink.failure { return failure }
    return RegistryError(
      .failed, "\(name?.text ?? "the end") can't be written to the archive: \(problem)",
      hint: "run the command again")
  }

  private var problem: String {
    archive_error_string(archive).map { String(cString: $0) } ?? "no reason is given"
  }
}

/// What libarchive's callback writes to; a failure is kept until the call that caused it has returned.
private final class Sink {
  let file: NewFile
  let hash: SHA256?
  var failure: (any Error)?
  private var written: Int64 = 0
  private var started: Int64 = 0

  init(_ file: NewFile, _ hash: SHA256?) {
    self.file = file
    self.hash = hash
  }

  func take(_ bytes: UnsafeRawBufferPointer) throws {
    try file.write(bytes)
    try hash?.update(bytes)
    written += Int64(bytes.count)
    // Begun early, so that the flush at the end is short.
    if written - started >= 8 << 20 {
      file.startWriteback(from: started, count: written - started)
      started = written
    }
  }
}

private func writeToSink(
  _ archive: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ bytes: UnsafeRawPointer?, _ count: Int
) -> la_ssize_t {
  guard let context, let bytes else { return -1 }
  let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
  do {
    try sink.take(UnsafeRawBufferPointer(start: bytes, count: count))
    return count
  } catch {
    sink.failure = error
    return -1
  }
}
