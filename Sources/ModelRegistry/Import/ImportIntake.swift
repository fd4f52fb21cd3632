import DurableFiles
import Glibc
import RegistryModel
import Synchronization

/// Everything of a source, staged: what a plan is made of.
struct StagedSource {
  var source: ImportSource
  /// By digest; equal files are staged once.
  var blobs: [Digest: StagedBlob] = [:]
  /// Whether some of it is not durable before the file system is flushed.
  var owesFlush = false
}

/// Brings a source's bytes into an operation's folder; nothing of them has a name in the store then.
struct ImportIntake {
  /// A registry with more is not one import: its index would be written in one transaction that is held in memory.
  static let entryLimit = 100_000
  /// All documents of one source together, as they are in memory until the plans are made.
  static let documentsLimit = 64 << 20

  let registry: Registry
  let index: Index
  let operation: Operation
  /// Whether a blob that is here already spares the copy.
  let reuses: Bool
  /// Whether the file system can be flushed as a whole, so that many small files needn't be one by one.
  let groups: Bool
  /// Whether documents are kept in memory, which tell of a layout.
  var keepsDocuments = true

  func stage(_ path: String) throws -> StagedSource {
    let name = Self.name(of: path)
    let lower = name.lowercased()
    let ending = [".tar.gz", ".tgz", ".tar", ".zip"].first { lower.hasSuffix($0) }
    if (try? Directory.open(path)) != nil {
      return try stageFiles(path, name: name, isFile: false)
    } else if let ending {
      return try ArchiveIntake(intake: self)
        .stage(path, name: String(name.dropLast(ending.count)))
    } else if ImportLayout.isModelFile(name) {
      return try stageFiles(path, name: name, isFile: true)
    }
    _ = try SourceScan.files(at: [path])
    throw RegistryError(
      .usage, "\(name.quoted) is neither a folder, nor an archive, nor a model's file",
      unchanged: "no version was made",
      hint: "import a folder, .zip, .tar, .tar.gz, .npz, .safetensors, .pt, .tflite or .hef; publish any file"
    )
  }

  private func stageFiles(_ path: String, name: String, isFile: Bool) throws -> StagedSource {
    let sources = try SourceScan.files(at: [path])
    guard sources.count <= Self.entryLimit else { throw Self.tooMany(path) }
    try registry.requireRoom(for: sources, index)
    let isDeferred: @Sendable (RelativePath) -> Bool = { [groups] in groups && ImportLayout.isInGroup($0) }
    let kept = Mutex(Documents())
    let staged = try Ingest(
      blobs: registry.blobs, index: index, operation: operation, reuses: reuses, isDeferred: isDeferred,
      whenWritten: { file, bytes in
        guard !isFile, ImportLayout.isDocument(file.path) else { return }
        kept.withLock { $0.keep(bytes, at: file.path) }
      }
    ).stage(sources)
    let documents = isFile ? [:] : try Self.documents(sources, staged, kept: kept.withLock(\.bytes))
    let files = zip(sources, staged).map { Manifest.File(path: $0.path, digest: $1.digest, bytes: $1.bytes) }
    return StagedSource(
      source: ImportSource(name: name, isFile: isFile, files: files, documents: documents),
      blobs: Dictionary(staged.map { ($0.digest, $0) }) { first, _ in first },
      owesFlush: sources.contains { isDeferred($0.path) })
  }

  /// The bytes of every file that is a document, as they were staged.
  private static func documents(
    _ sources: [SourceFile], _ staged: [StagedBlob], kept: [RelativePath: [UInt8]]
  ) throws -> [RelativePath: [UInt8]] {
    var documents = kept
    let found = zip(sources, staged).filter {
      ImportLayout.isDocument($0.path) && $1.bytes <= Int64(ImportSource.documentBytes)
    }
    try Documents.requireFewBytes(found.reduce(0) { $0 + Int($1.1.bytes) })
    for (file, blob) in found where documents[file.path] == nil {
      let bytes = try file.folder.readSmallFile(file.name, limit: ImportSource.documentBytes)
      guard try Digest.sha256(of: bytes) == blob.digest else {
        throw RegistryError(
          .failed, "\(file.folder.path)/\(file.name) changed while it was read",
          hint: "import when nothing writes to it")
      }
      documents[file.path] = bytes
    }
    return documents
  }

  /// The same with a mark on what is here already.
  func marked(_ blobs: [Digest: StagedBlob]) throws -> [Digest: StagedBlob] {
    try index.read { transaction in
      try blobs.mapValues { blob in
        guard !blob.isReused, try transaction.blob(blob.digest)?.isDamaged == false else { return blob }
        return StagedBlob(digest: blob.digest, bytes: blob.bytes, isReused: true, file: blob.file)
      }
    }
  }

  /// Documents in memory, not more of them than is good.
  struct Documents {
    private(set) var bytes: [RelativePath: [UInt8]] = [:]
    private var total = 0

    mutating func add(_ document: [UInt8], at path: RelativePath) throws {
      total += document.count
      try Self.requireFewBytes(total)
      bytes[path] = document
    }

    /// For those whose sum is checked later: more than is allowed is not kept.
    mutating func keep(_ document: [UInt8], at path: RelativePath) {
      total += document.count
      if total <= ImportIntake.documentsLimit { bytes[path] = document }
    }

    static func requireFewBytes(_ total: Int) throws {
      guard total <= ImportIntake.documentsLimit else {
        throw RegistryError(
          .integrity,
          "the manifests have more than \(ByteCount(bytes: Int64(ImportIntake.documentsLimit))) together",
          hint: "import it in parts")
      }
    }
  }

  static func tooMany(_ path: String) -> RegistryError {
    RegistryError(
      .integrity, "\(path.quoted) has more than \(entryLimit) entries", hint: "import it in parts")
  }

  /// The last part of a path, that of the folder itself for `.`.
  private static func name(of path: String) -> String {
    var full = path
    if let resolved = realpath(path, nil) {
      full = String(cString: resolved)
      free(resolved)
    }
    return full.split(separator: "/").last.map(String.init) ?? path
  }
}
