import Dispatch
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

  /// Staged blobs in the order of `files`; the first failure stops the rest and is thrown.
  func stage(_ files: [SourceFile], progress: ProgressHandler?) throws -> [StagedBlob] {
    let total = files.reduce(0) { $0 + $1.bytes }
    let state = Mutex(State(results: Array(repeating: nil, count: files.count)))
    let done = Atomic<Int64>(0)
    let report: @Sendable (Int) -> Void = { count in
      let sum = done.add(Int64(count), ordering: .relaxed).newValue
      progress?(sum, total)
    }
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

  private func stage(_ file: SourceFile, _ report: (Int) -> Void) throws -> StagedBlob {
    let source = try file.folder.openFile(file.name)
    let before = try source.status()
    if reuses, let known = try known(source, file, report) { return known }
    let isLarge = file.bytes > Self.smallBytes
    let candidates =
      reuses && isLarge ? try index.read { try $0.blobs(ofSize: file.bytes, limit: 64) } : []
    let staged = try blobs.stage(source, candidates: candidates, in: operation, each: report)
    let after = try source.status()
    guard staged.bytes == file.bytes, after.size == file.bytes,
      after.modifiedNanoseconds == before.modifiedNanoseconds
    else {
      throw RegistryError(
        .failed, "\(file.folder.path)/\(file.name) changed while it was read",
        hint: "publish when nothing writes to it")
    }
    return staged
  }

  /// Up to this size a file is hashed to see whether it is here: that costs less than comparing it with others.
  private static let smallBytes: Int64 = 1 << 20

  /// The blob that holds a small file's bytes already; nil where there is none.
  private func known(
    _ source: ReadableFile, _ file: SourceFile, _ report: (Int) -> Void
  ) throws -> StagedBlob? {
    guard file.bytes <= Self.smallBytes,
      try !index.read({ try $0.blobs(ofSize: file.bytes, limit: 1) }).isEmpty
    else { return nil }
    let hashed = try Hashing.digest(of: source)
    guard let blob = try index.read({ try $0.blob(hashed.digest) }), !blob.isDamaged,
      blob.bytes == hashed.bytes
    else { return nil }
    report(Int(hashed.bytes))
    return StagedBlob(digest: blob.digest, bytes: blob.bytes, isReused: true)
  }

  /// Runs `body` for each position on as many threads as there are cores. Not on Swift's pool, which blocking
  /// reads would stop.
  private func concurrently(_ count: Int, _ body: @Sendable (Int) -> Void) {
    #if DEBUG
      // A fault plan counts steps: they must come in one order.
      let isCounted = FaultPlan.current != nil
    #else
      let isCounted = false
    #endif
    guard count > 1, !isCounted else { return (0..<count).forEach(body) }
    DispatchQueue.concurrentPerform(iterations: count, execute: body)
  }
}
