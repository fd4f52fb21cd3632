import DurableFiles
import RegistryModel
import Synchronization

/// Stages many files at once, one per core, each through a buffer of its own.
struct Ingest {
  let blobs: BlobStore
  let index: Index
  let operation: Operation
  /// Whether a blob that is here already spares the copy.
  let reuses: Bool
  /// Which files somebody flushes later, all at once. A small one among them is simply written, here already or not.
  var isDeferred: @Sendable (RelativePath) -> Bool = { _ in false }
  /// Gets the bytes of those small ones, on several threads at once.
  var whenWritten: @Sendable (SourceFile, [UInt8]) -> Void = { _, _ in }
  private static let writtenBytes: Int64 = 64 << 10

  /// Staged blobs in the order of `files`; the first failure stops the rest and is thrown.
  func stage(_ files: [SourceFile]) throws -> [StagedBlob] {
    let meter = operation.meter
    try meter.begin(files.reduce(0) { $0 + $1.bytes })
    let state = Mutex(State(results: Array(repeating: nil, count: files.count)))
    let report: @Sendable (Int) throws -> Void = { try meter.add(Int64($0)) }
    concurrently(files.count) { position in
      guard state.withLock({ $0.failure == nil }) else { return }
      let result = Result { try stage(files[position], report) }
      state.withLock { state in
        switch result {
        case .success(let blob): state.results[position] = blob
        case .failure(let error): state.failure = state.failure ?? error
        }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.results.compactMap(\.self)
    }
  }

  private struct State {
    var results: [StagedBlob?]
    var failure: (any Error)?
  }

  private func stage(_ file: SourceFile, _ report: (Int) throws -> Void) throws -> StagedBlob {
    let flushing = !isDeferred(file.path)
    if !flushing, file.bytes <= Self.writtenBytes { return try write(file, report) }
    let source = try file.folder.openFile(file.name)
    let before = try source.status()
    if reuses, let known = try known(source, file, report) { return known }
    let isLarge = file.bytes > Self.smallBytes
    let candidates =
      reuses && isLarge ? try index.read { try $0.blobs(ofSize: file.bytes, limit: 64) } : []
    let staged = try blobs.stage(
      source, candidates: candidates, in: operation, flushing: flushing, each: report)
    let after = try source.status()
    guard staged.bytes == file.bytes, after.size == file.bytes,
      after.modifiedNanoseconds == before.modifiedNanoseconds
    else { throw Self.changed(file) }
    return staged
  }

  /// A small file at once.
  private func write(_ file: SourceFile, _ report: (Int) throws -> Void) throws -> StagedBlob {
    let bytes = try file.folder.readSmallFile(file.name, limit: Int(Self.writtenBytes))
    guard Int64(bytes.count) == file.bytes else { throw Self.changed(file) }
    try report(bytes.count)
    whenWritten(file, bytes)
    return try blobs.stage(bytes, in: operation, flushing: false)
  }

  private static func changed(_ file: SourceFile) -> RegistryError {
    RegistryError(
      .failed, "\(file.folder.path)/\(file.name) changed while it was read",
      hint: "publish when nothing writes to it")
  }

  /// Up to this size a file is hashed to see whether it is here: that costs less than comparing it with others.
  private static let smallBytes: Int64 = 1 << 20

  /// The blob that holds a small file's bytes already; nil where there is none.
  private func known(
    _ source: ReadableFile, _ file: SourceFile, _ report: (Int) throws -> Void
  ) throws -> StagedBlob? {
    guard file.bytes <= Self.smallBytes,
      try !index.read({ try $0.blobs(ofSize: file.bytes, limit: 1) }).isEmpty
    else { return nil }
    let hashed = try Hashing.digest(of: source)
    guard let blob = try index.read({ try $0.blob(hashed.digest) }), !blob.isDamaged,
      blob.bytes == hashed.bytes
    else { return nil }
    try report(Int(hashed.bytes))
    return StagedBlob(digest: blob.digest, bytes: blob.bytes, isReused: true)
  }

}
