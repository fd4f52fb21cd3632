import DurableFiles
import RegistryModel

/// The durable steps of a group of new versions; the caller holds `content` shared and `names`.
///
/// Order (docs/format.md, G2–G5): see ``ImportGroup``. Where the kernel can't be relied on to flush a file system, each
/// file and folder is flushed by itself, in the same order.
struct ImportBatch {
  let registry: Registry
  let index: Index
  let operation: Operation
  let items: [ImportItem]
  let source: StagedSource

  private var store: Store { registry.store }
  private var isGrouped: Bool { store.root.canSyncFileSystem }

  /// Makes the versions; the digests of their manifests are returned in their order.
  func commit() throws -> [Digest] {
    guard !items.isEmpty else { return [] }
    let isGrouped = isGrouped
    let manifests = try concurrentMap(items) { item in
      try registry.blobs.stage(item.manifest.canonicalBytes, in: operation, flushing: !isGrouped)
    }
    var blobs: [Digest: StagedBlob] = [:]
    for item in items {
      for digest in item.draft.digests where blobs[digest] == nil { blobs[digest] = source.blobs[digest] }
    }
    for blob in manifests { blobs[blob.digest] = blob }
    try operation.announce { try flush(orElse: store.staging.sync) }
    let isLinked = try nameAndBuild(blobs.values.sorted { $0.digest < $1.digest })
    let made = zip(items, manifests).map { (item: $0, digest: $1.digest) }
    // Two folders, so one thread for each.
    _ = try concurrentMap([true, false], run: 1) { isLinks in
      for (item, digest) in made {
        let version = item.manifest.versionID
        if isLinks {
          try registry.linkManifest(version, digest)
        } else {
          try registry.trees.put(Self.tree(item), from: operation, as: version, flushing: false)
        }
      }
    }
    try flush {
      try store.manifests.sync()
      try store.versions.sync()
    }
    for start in stride(from: 0, to: made.count, by: ImportGroup.transactionSize) {
      let chunk = made[start..<min(start + ImportGroup.transactionSize, made.count)]
      try record(chunk, blobs, isLinked: isLinked)
    }
    return manifests.map(\.digest)
  }

  private static func parts<Element>(_ all: [Element], of size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: all.count, by: size).map { all[$0..<min($0 + size, all.count)] }
  }

  private static func tree(_ item: ImportItem) -> String { "tree-\(item.position)" }

  private func flush(orElse flushEach: () throws -> Void) throws {
    if isGrouped { try store.staging.syncFileSystem() } else { try flushEach() }
  }

  /// Names the blobs and builds the trees beside them, and makes both durable. Whether all entries share the inodes of
  /// their blobs.
  private func nameAndBuild(_ staged: [StagedBlob]) throws -> Bool {
    // Sorted by digest, so that two threads are seldom in one folder.
    let named = try concurrentMap(Self.parts(staged, of: 2048), run: 1) { part in
      try registry.giveNames(Array(part), from: operation, index)
    }
    let isGrouped = isGrouped
    let parts = Self.parts(items, of: 512)
    let isLinked = try concurrentMap(parts, run: 1) { part in
      var builder = TreeBuilder(registry.blobs, flushing: !isGrouped)
      for item in part {
        try builder.build(item.manifest.files, as: Self.tree(item), in: operation.folder)
      }
      return builder.isLinked
    }.allSatisfy(\.self)
    try flush {
      for part in named { try part.touched.sync(store) }
      try store.blobs.sync()
    }
    for digest in named.flatMap(\.repaired) { try registry.repairTrees(digest, from: operation, index) }
    return isLinked
  }

  /// The rows of some of the versions, and of every blob that they need.
  private func record(
    _ chunk: ArraySlice<(item: ImportItem, digest: Digest)>, _ blobs: [Digest: StagedBlob], isLinked: Bool
  ) throws {
    let digests = Set(chunk.flatMap { $0.item.draft.digests.union([$0.digest]) })
    let statuses = try concurrentMap(digests.sorted()) { ($0, try registry.blobs.status($0)) }
    let trees = isLinked ? [] : try chunk.map { ($0.item, try entries(of: $0.item)) }
    try index.write { transaction in
      let hasTombstones = try transaction.hasTombstones()
      for (digest, status) in statuses {
        guard let blob = blobs[digest] else { continue }
        if hasTombstones { try transaction.strike(.blob, digest.hex) }
        try transaction.putNewBlob(digest, bytes: blob.bytes)
        if let status { try transaction.stamp(status, holds: digest) }
      }
      for (item, entries) in trees { try registry.stamp(entries, item.manifest.files, in: transaction) }
      for (item, digest) in chunk {
        let version = item.manifest.versionID.description
        let now = try transaction.audit(
          .importVersion, version, to: digest.description, by: registry.caller,
          at: registry.clock.now())
        try transaction.insertVersion(
          item.manifest, digest: digest, content: item.draft.content, at: now)
        if hasTombstones { try transaction.strike(.tree, version) }
      }
    }
  }

  private func entries(of item: ImportItem) throws -> [FileStatus] {
    let tree = try store.versions.directory(item.manifest.versionID.description)
    return try item.manifest.files.map { file in
      guard let status = try TreeStore.entry(file.path, in: tree) else {
        throw RegistryError(
          .integrity, "\(file.path.text) of \(item.manifest.versionID) vanished while it was imported",
          hint: "run the command again")
      }
      return status
    }
  }
}
