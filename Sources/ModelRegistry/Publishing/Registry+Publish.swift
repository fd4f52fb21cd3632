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
      let meter = ProgressMeter(progress)
      do {
        return try publish(request, sources, base, reusing: true, meter)
      } catch is UnusableBlob {
        return try publish(request, sources, base, reusing: false, meter)
      }
    }
  }

  /// Stages and commits; without `reusing` every byte is staged, also what seems to be here already.
  private func publish(
    _ request: PublishRequest, _ sources: [SourceFile], _ base: VersionRecord?, reusing: Bool,
    _ meter: ProgressMeter
  ) throws -> PublishResult {
    let index = try index()
    let operation = try Operation("publish", in: store, waitingAtMost: patience, meter: meter)
    defer { operation.finish() }
    let staged = try Ingest(blobs: blobs, index: index, operation: operation, reuses: reusing)
      .stage(sources)
    let files = zip(sources, staged).map { Manifest.File(path: $0.path, digest: $1.digest, bytes: $1.bytes) }
    return try publish(request, files, staged, base, operation, index)
  }

  /// Makes the version of what is staged.
  func publish(
    _ request: PublishRequest, _ files: [Manifest.File], _ staged: [StagedBlob], _ base: VersionRecord?,
    _ operation: Operation, _ index: Index
  ) throws -> PublishResult {
    let archives = try Archives(registry: self, operation: operation).stage(request.archives)
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
    let here = try index.read { transaction in
      try Set(sources.map(\.bytes)).filter { try !transaction.blobs(ofSize: $0, limit: 1).isEmpty }
    }
    let missing = sources.filter { !here.contains($0.bytes) }.reduce(0) { $0 + $1.bytes }
    try requireRoom(bytes: missing, files: 2 * sources.count)
  }

  func requireRoom(bytes: Int64, files: Int) throws { try store.requireRoom(bytes: bytes, files: files) }
}

extension Store {
  /// Room that stays free beside any new content, for a rollback and its record.
  private static let rollbackBytes: Int64 = 1 << 20
  private static let rollbackInodes: Int64 = 16

  func requireRoom(bytes: Int64, files: Int) throws {
    let free = try root.freeSpace()
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
