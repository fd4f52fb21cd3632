import CLibArchive
import DurableFiles
import Glibc
import RegistryModel

/// Reads a zip, tar or gzipped tar from its beginning to its end through libarchive, one entry after the other.
///
/// Only reads: libarchive's own disk writer is never used, and an entry's name is bytes from outside until a parser
/// made a typed path of it. Memory doesn't grow with the archive. Every irregularity that libarchive notices, warnings
/// included, is an `integrity` error: a truncated stream, a wrong checksum, an encrypted entry.
final class ArchiveStream {
  /// What the archive says of the entry that comes next.
  struct Entry {
    enum Kind: Hashable { case file, folder, other }

    /// The name as text; never a path until it was parsed.
    let name: String
    let kind: Kind
    /// The size that is declared, in bytes; nil where the format tells it only behind the bytes.
    let declaredBytes: Int64?
  }

  private let archive: OpaquePointer
  private let file: ReadableFile
  private let locale = TextLocale()

  /// Opens the archive that `file` holds, which is read in blocks.
  /// - Parameter unpacking: whether it may be compressed; else it is a plain tar.
  init(_ file: ReadableFile, unpacking: Bool = true, blockBytes: Int = BlobStore.chunkBytes)
    throws(RegistryError)
  {
    guard let archive = archive_read_new() else {
      throw RegistryError(.failed, "libarchive can't be used", hint: "check the libarchive that is installed")
    }
    self.archive = archive
    self.file = file
    // By its directory, at the end: a zip that was cut off is none, and only there do links show.
    try check(archive_read_support_format_tar(archive))
    if unpacking {
      try check(archive_read_support_format_zip_seekable(archive))
      try check(archive_read_support_filter_gzip(archive))
    }
    try check(archive_read_open_fd(archive, file.descriptor, blockBytes))
  }

  deinit {
    archive_read_free(archive)
  }

  /// How many bytes of the archive were read so far.
  var bytesRead: Int64 { archive_filter_bytes(archive, -1) }

  /// The next entry; nil at the end.
  func next() throws(RegistryError) -> Entry? {
    try locale.use { () throws(RegistryError) in
      var pointer: OpaquePointer?
      let code = archive_read_next_header(archive, &pointer)
      if code == ARCHIVE_EOF {
        try requireEnd()
        return nil
      }
      try check(code)
      guard let pointer else { throw damaged("an entry has no header") }
      guard archive_entry_is_encrypted(pointer) == 0 else { throw damaged("an entry is encrypted") }
      guard let bytes = archive_entry_pathname(pointer), let name = String(validatingCString: bytes) else {
        throw damaged("the name of an entry is not UTF-8")
      }
      return Entry(
        name: name, kind: Self.kind(pointer),
        declaredBytes: archive_entry_size_is_set(pointer) != 0 ? archive_entry_size(pointer) : nil)
    }
  }

  /// A tar ends with blocks of zeros: one that is cut between two entries has none, and libarchive takes it for whole.
  private func requireEnd() throws(RegistryError) {
    guard archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK == ARCHIVE_FORMAT_TAR else { return }
    let behind = archive_filter_bytes(archive, 0) - archive_read_header_position(archive)
    guard behind >= 512 else { throw damaged("it ends too early") }
  }

  /// Reads on in the entry's bytes; 0 at its end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(RegistryError) -> Int {
    let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
    guard count >= 0 else { throw damaged(problem) }
    // Warnings, such as a wrong checksum, come with the last bytes.
    guard archive_errno(archive) == 0 else { throw damaged(problem) }
    return count
  }

  private static func kind(_ entry: OpaquePointer) -> Entry.Kind {
    // A hard link has the mode of a file.
    if archive_entry_hardlink(entry) != nil || archive_entry_symlink(entry) != nil { return .other }
    return switch archive_entry_filetype(entry) {
    case S_IFREG: .file
    case S_IFDIR: .folder
    default: .other
    }
  }

  private var problem: String {
    archive_error_string(archive).map { String(cString: $0) } ?? "it can't be read"
  }

  private func check(_ code: Int32) throws(RegistryError) {
    guard code == ARCHIVE_OK else { throw damaged(problem) }
  }

  private func damaged(_ what: String) -> RegistryError {
    RegistryError(
      .integrity, "the archive \(file.path) can't be read: \(what.quoted)",
      hint: "get it again from its author")
  }
}
