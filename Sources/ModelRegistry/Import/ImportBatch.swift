import DurableFiles
import RegistryModel

/// The durable steps of a group of new versions; the caller holds `content` shared and `names`.
///
/// Order (docs/format.md, G2–G7): see ``ImportGroup``. Where the kernel can't be relied on to flush a file system, each
/// file and folder is flushed by itself, in the same order.
struct ImportBatch {
  let registry: Registry
  let index: Index
  let operation: Operation
  let items: [ImportItem]
  let source: StagedSource

  private var store: Store { registry.store }
  private var isGrouped: Bool { Directory.canSyncFileSystems }

  func commit() throws {
    guard !items.isEmpty else { return }
    let isGrouped = isGrouped
    let manifests = try concurrentMap(items) { item in
      try registry.blobs.stage(item.bytes, in: operation, flushing: !isGrouped)
    }
    var blobs: [Digest: StagedBlob] = [:]
    for item in items {
      for digest in item.draft.digests where blobs[digest] == nil { blobs[digest] = source.blobs[digest] }
    }
    for blob in manifests { blobs[blob.digest] = blob }
    let staged = blobs.values.sorted { $0.digest < $1.digest }
    try operation.announce { try flush(orElse: store.staging.sync) }
    let isLinked = try nameAndBuild(staged)
    for item in items {
      try registry.linkManifest(item.manifest.versionID, item.digest)
      try registry.trees.put(
        Self.tree(item), from: operation, as: item.manifest.versionID, flushing: false)
    }
    try flush {
      try store.manifests.sync()
      try store.versions.sync()
    }
    for start in stride(from: 0, to: items.count, by: ImportGroup.transactionSize) {
      let chunk = items[start..<min(start + ImportGroup.transactionSize, items.count)]
      try record(chunk, blobs, isLinked: isLinked)
    }
  }

  private static func tree(_ item: ImportItem) -> String { "tree-\(item.position)" }

  private func flush(orElse flushEach: () throws -> Void) throws {
    if isGrouped { try store.staging.syncFileSystem() } else { try flushEach() }
  }

  /// Names the blobs and builds the trees beside them, and makes both durable. Whether all entries share the inodes of
  /// their blobs.
  private func nameAndBuild(_ staged: [StagedBlob]) throws -> Bool {
    let (touched, repaired) = try registry.giveNames(staged, from: operation, index)
    let isGrouped = isGrouped
    let parts = stride(from: 0, to: items.count, by: 512).map { items[$0..<min($0 + 512, items.count)] }
    let isLinked = try concurrentMap(parts, run: 1) { part in
      var builder = TreeBuilder(registry.blobs, flushing: !isGrouped)
      for item in part {
        try builder.build(item.manifest.files, as: Self.tree(item), in: operation.folder)
      }
      return builder.isLinked
    }.allSatisfy(\.self)
    try flush {
      var touched = touched
      touched.hasNewParent = true
      try touched.sync(store)
    }
    for digest in repaired { try registry.repairTrees(digest, from: operation, index) }
    return isLinked
  }

  /// The rows of some of the versions, and of every blob that they need.
  private func record(
    _ chunk: ArraySlice<ImportItem>, _ blobs: [Digest: StagedBlob], isLinked: Bool
  ) throws {
    let digests = Set(chunk.flatMap { $0.draft.digests.union([$0.digest]) })
    let statuses = try concurrentMap(Array(digests)) { ($0, try registry.blobs.status($0)) }
    let trees = isLinked ? [] : try chunk.map { ($0, try entries(of: $0)) }
    try index.write { transaction in
      let hasTombstones = try transaction.hasTombstones()
      for (digest, status) in statuses {
        guard let blob = blobs[digest] else { continue }
        if hasTombstones { try transaction.strike(.blob, digest.hex) }
        try transaction.putNewBlob(digest, bytes: blob.bytes)
        if let status { try transaction.stamp(status, holds: digest) }
      }
      for (item, entries) in trees { try registry.stamp(entries, item.manifest.files, in: transaction) }
      for item in chunk {
        let version = item.manifest.versionID.description
        let now = try transaction.audit(
          .importVersion, version, to: item.digest.description, by: registry.caller,
          at: registry.clock.now())
        try transaction.insertVersion(item.manifest, digest: item.digest, content: item.content, at: now)
        if hasTombstones { try transaction.strike(.tree, version) }
      }
    }
  }

  private func entries(of item: ImportItem) throws -> [FileStatus] {
    let tree = try store.versions.directory(item.manifest.versionID.description)
    return try item.manifest.files.compactMap { try TreeStore.entry($0.path, in: tree) }
  }
}
