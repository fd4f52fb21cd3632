import DurableFiles
import RegistryModel

/// Brings an archive's files into an operation's folder, in one pass and without a file of its own making.
///
/// What an entry is called becomes a path by the parser that refuses; whatever is neither a file nor a folder is refused,
/// and so are two names that some file system takes for one.
struct ArchiveIntake {
  /// What any archive may unpack to, and what it may by its size. Weights hardly shrink, text shrinks tenfold; the
  /// worst that deflate can do is 1032.
  static let freeBytes: Int64 = 64 << 20
  static let ratio: Int64 = 100
  /// How many bytes are written before free space is looked at again.
  private static let roomBytes: Int64 = 64 << 20

  let intake: ImportIntake

  private struct Progress {
    var entries = 0
    var bytes: Int64 = 0
    /// The bytes at which free space is looked at again.
    var nextLook: Int64 = 0
    var seen: Set<String> = []
    var owesFlush = false
  }

  func stage(_ path: String, name: String) throws -> StagedSource {
    guard let source = try SourceScan.files(at: [path]).first else { throw ImportIntake.tooMany(path) }
    let archive = try source.folder.openFile(source.name)
    // It rarely unpacks to less: an archive that is too large by itself is refused before the first byte.
    try intake.registry.requireRoom(bytes: archive.size, files: 2)
    let stream = try ArchiveStream(archive)
    try intake.operation.meter.begin(archive.size)
    var state = Progress()
    var files: [Manifest.File] = []
    var blobs: [Digest: StagedBlob] = [:]
    var documents = ImportIntake.Documents()
    while let entry = try stream.next() {
      state.entries += 1
      guard state.entries <= ImportIntake.entryLimit else { throw ImportIntake.tooMany(path) }
      guard let file = try Self.path(of: entry) else { continue }
      guard state.seen.insert(file.foldedKey).inserted else {
        throw Self.refused(entry, "occurs twice, but for case or normalisation at most")
      }
      var document: [UInt8]? = intake.keepsDocuments && ImportLayout.isDocument(file) ? [] : nil
      let isDeferred = intake.groups && ImportLayout.isInGroup(file)
      state.owesFlush = state.owesFlush || isDeferred
      let blob = try stage(entry, of: stream, archive, &state, &document, flushing: !isDeferred)
      files.append(Manifest.File(path: file, digest: blob.digest, bytes: blob.bytes))
      blobs[blob.digest] = blob
      if let document { try documents.add(document, at: file) }
    }
    return StagedSource(
      source: ImportSource(
        name: name, isFile: false, files: files.sorted { $0.path < $1.path }, documents: documents.bytes),
      blobs: blobs, owesFlush: state.owesFlush)
  }

  private func stage(
    _ entry: ArchiveStream.Entry, of stream: ArchiveStream, _ archive: ReadableFile, _ state: inout Progress,
    _ document: inout [UInt8]?, flushing: Bool
  ) throws -> StagedBlob {
    if let bytes = entry.declaredBytes { try intake.registry.requireRoom(bytes: bytes, files: 2) }
    let limit = Self.freeBytes + Self.ratio * archive.size
    return try intake.registry.blobs.stage(in: intake.operation, flushing: flushing, each: { _ in }) {
      _, buffer in
      let count = try stream.read(into: buffer)
      state.bytes += Int64(count)
      guard state.bytes <= limit else {
        throw RegistryError(
          .integrity, "\(archive.path) unpacks to more than \(Self.ratio) times its size",
          hint: "unpack it yourself and import the folder, if that is meant")
      }
      if state.bytes >= state.nextLook {
        state.nextLook = state.bytes + Self.roomBytes
        try intake.registry.requireRoom(bytes: Self.roomBytes, files: 2)
      }
      if let held = document?.count {
        if held + count <= ImportSource.documentBytes {
          document?.append(contentsOf: buffer[..<count])
        } else {
          document = nil
        }
      }
      try intake.operation.meter.reach(min(stream.bytesRead, archive.size))
      return count
    }
  }

  /// The path of an entry that is a file; nil for a folder. A leading `./`, as tar writes it, is left out, and a
  /// folder's final slash.
  private static func path(of entry: ArchiveStream.Entry) throws -> RelativePath? {
    var name = entry.name.afterPrefix("./") ?? entry.name
    switch entry.kind {
    case .file: break
    case .folder:
      if name.utf8.last == UInt8(ascii: "/") { name = String(name.dropLast()) }
      if name.isEmpty || name == "." { return nil }
    case .other: throw refused(entry, "is a link or device, and only files are imported")
    }
    let path = try RelativePath(parsing: name)
    return entry.kind == .file ? path : nil
  }

  private static func refused(_ entry: ArchiveStream.Entry, _ problem: String) -> RegistryError {
    RegistryError(
      .integrity, "the entry \(entry.name.quoted) \(problem)", hint: "get the archive again from its author")
  }
}
