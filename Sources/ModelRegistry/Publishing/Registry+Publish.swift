import DurableFiles
public import RegistryModel

extension Registry {
  /// Makes a version of files: blobs, manifest, tree, row.
  ///
  /// The version is installed when this returns, and everything of it is durable. Equal content (number, time and
  /// note aside) to any version of the adapter gives that version, and a new one is not made. Memory doesn't grow
  /// with the files' size.
  ///
  /// - Throws: `refused` when the number is taken by other content; `integrity` for links, devices, unsafe or
  ///   duplicate paths; `noSpace` before the first byte where the free space is known not to do.
  @discardableResult
  public func publish(
    _ request: PublishRequest, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> PublishResult {
    try reporting("publish \(request.adapter.text)", unchanged: "no version was made") {
      let index = try index()
      let sources = try SourceScan.files(at: request.paths)
      let base = try request.base.map { try resolve($0) }
      try requireRoom(for: sources, index)
      do {
        return try publish(request, sources, base, reusing: true, progress)
      } catch is UnusableBlob {
        return try publish(request, sources, base, reusing: false, progress)
      }
    }
  }

  /// Stages and commits; without `reusing` every byte is staged, also what seems to be here already.
  private func publish(
    _ request: PublishRequest, _ sources: [SourceFile], _ base: VersionRecord?, reusing: Bool,
    _ progress: ProgressHandler?
  ) throws -> PublishResult {
    let index = try index()
    let operation = try Operation("publish", in: store, waitingAtMost: patience)
    defer { operation.finish() }
    let staged = try Ingest(blobs: blobs, index: index, operation: operation, reuses: reusing)
      .stage(sources, progress: progress)
    let archives = try Archives(registry: self, operation: operation).stage(request.archives)
    let files = zip(sources, staged).map { Manifest.File(path: $0.path, digest: $1.digest, bytes: $1.bytes) }
    let createdAt = request.createdAt ?? clock.now()
    let draft = { @Sendable (number: Int) throws in
      try Manifest(
        adapter: request.adapter, number: number, createdAt: createdAt, modelType: request.modelType,
        framework: request.framework, files: files,
        base: base.map { Manifest.BaseReference(version: $0.version, digest: $0.digest) }, job: request.job,
        archives: archives.references, metrics: request.metrics, requires: request.requires,
        note: request.note)
    }
    let reused = staged.filter(\.isReused).reduce(0) { $0 + $1.bytes }
    return try Publication(
      registry: self, index: index, operation: operation, draft: draft, number: request.number,
      adapter: request.adapter, staged: staged + archives.staged, reusedBytes: reused
    ).commit()
  }

  /// Refuses before the first byte where the disk can't hold what is missing and a rollback beside it.
  func requireRoom(for sources: [SourceFile], _ index: Index) throws {
    let missing = try index.read { transaction in
      try sources.filter { try transaction.blobs(ofSize: $0.bytes, limit: 1).isEmpty }.reduce(0) {
        $0 + $1.bytes
      }
    }
    try requireRoom(bytes: missing, files: 2 * sources.count)
  }

  /// Room that stays free beside any new content, for a rollback and its record.
  private static let rollbackBytes: Int64 = 1 << 20
  private static let rollbackInodes: Int64 = 16

  func requireRoom(bytes: Int64, files: Int) throws {
    let free = try store.root.freeSpace()
    if free.bytes - Self.rollbackBytes < bytes {
      throw RegistryError(
        .noSpace, "\(ByteCount(bytes: bytes)) are needed and \(ByteCount(bytes: free.bytes)) are free",
        hint: "run `modelctl gc`, or free some space")
    }
    if let inodes = free.inodes, inodes < Int64(files) + Self.rollbackInodes {
      throw RegistryError(
        .noSpace, "\(files) inodes are needed and \(inodes) are free",
        hint: "run `modelctl gc`, or remove files")
    }
  }
}
