import DurableFiles
import RegistryModel

/// The durable steps of a group of new versions; the caller holds `content` shared and `names`.
///
/// Order (docs/format.md, G2–G5): see ``ImportGroup``. The versions go through it in parts, one thread to each step: while
/// the rows of a part are written, the trees of the next are built, the blobs of the one after that get their names,
/// and manifests are staged. Where the kernel can't be relied on to flush a file system, each file and folder is
/// flushed by itself, in the same order.
struct ImportBatch {
  /// Versions in one part, and in one transaction: a switch waits at most two seconds for the index, and this is a
  /// fraction of that.
  static let partSize = 1024

  let registry: Registry
  let index: Index
  let operation: Operation
  let items: [ImportItem]
  let source: StagedSource

  init(registry: Registry, index: Index, operation: Operation, items: [ImportItem], source: StagedSource) {
    self.registry = registry
    self.index = index
    self.operation = operation
    self.items = items
    self.source = source
    isGrouped = registry.store.root.canSyncFileSystem
  }

  private var store: Store { registry.store }
  private let isGrouped: Bool

  private struct Part: Sendable {
    var versions: [(item: ImportItem, digest: Digest)]
    var blobs: [Digest: StagedBlob]
    var touched = TouchedDirectories()
    /// Blobs that had bad bytes under their names.
    var repaired: [Digest] = []
    /// Whether every entry of the trees shares the inode of its blob.
    var isLinked = true
  }

  /// Makes the versions; the digests of their manifests are returned in their order.
  func commit() throws -> [Digest] {
    guard !items.isEmpty else { return [] }
    let noted = Set(try index.read { try $0.damagedBlobs() }.map(\.digest))
    let rows = Behind<Part> { try record($0) }
    let trees = Behind<Part> { try rows.add(raiseTrees($0)) }
    let names = Behind<Part> { try trees.add(name($0, noted)) }
    defer { for step in [names, trees, rows] { step.wait() } }
    var digests: [Digest] = []
    for start in stride(from: 0, to: items.count, by: Self.partSize) {
      // Between two parts: those before it are whole versions.
      try operation.meter.check()
      let part = try stage(items[start..<min(start + Self.partSize, items.count)])
      digests += part.versions.map(\.digest)
      try names.add(part)
    }
    for step in [names, trees, rows] { try step.finish() }
    return digests
  }

  private func flush(orElse flushEach: () throws -> Void) throws {
    if isGrouped { try store.staging.syncFileSystem() } else { try flushEach() }
  }

  private func stage(_ items: ArraySlice<ImportItem>) throws -> Part {
    let manifests = try concurrentMap(Array(items)) { item in
      try registry.blobs.stage(item.manifest.canonicalBytes, in: operation, flushing: !isGrouped)
    }
    var blobs = Dictionary(manifests.map { ($0.digest, $0) }) { first, _ in first }
    for item in items {
      for digest in item.draft.digests where blobs[digest] == nil { blobs[digest] = source.blobs[digest] }
    }
    return Part(versions: zip(items, manifests).map { ($0, $1.digest) }, blobs: blobs)
  }

  /// Makes the bytes durable, and gives them their names, which are not durable yet.
  private func name(_ part: Part, _ noted: Set<Digest>) throws -> Part {
    var part = part
    try operation.announce { try flush(orElse: store.staging.sync) }
    // Sorted by digest: folder after folder.
    (part.touched, part.repaired) = try registry.giveNames(
      part.blobs.values.sorted { $0.digest < $1.digest }, noted: noted, from: operation, index)
    return part
  }

  /// Builds the trees aside, makes them and the blobs' names durable, and then gives trees and manifests theirs.
  private func raiseTrees(_ part: Part) throws -> Part {
    var part = part
    var builder = TreeBuilder(registry.blobs, flushing: !isGrouped, meter: operation.meter)
    for (item, _) in part.versions {
      try builder.build(item.manifest.files, as: Self.tree(item), in: operation.folder)
    }
    part.isLinked = builder.isLinked
    try flush {
      try part.touched.sync(store)
      try store.blobs.sync()
    }
    for digest in part.repaired { try registry.repairTrees(digest, from: operation, index) }
    for (item, digest) in part.versions {
      let version = item.manifest.versionID
      try registry.linkManifest(version, digest)
      try registry.trees.put(Self.tree(item), from: operation, as: version, flushing: false)
    }
    try flush {
      try store.manifests.sync()
      try store.versions.sync()
    }
    return part
  }

  private static func tree(_ item: ImportItem) -> String { "tree-\(item.position)" }

  /// The rows of the versions, and of every blob that they need.
  private func record(_ part: Part) throws {
    let statuses = try part.blobs.keys.sorted().map { digest in
      (digest, try part.touched.directories[BlobStore.folder(digest)]?.status(digest.hex))
    }
    let trees = part.isLinked ? [] : try part.versions.map { ($0.item, try entries(of: $0.item)) }
    try index.write { transaction in
      let hasTombstones = try transaction.hasTombstones()
      for (digest, status) in statuses {
        guard let blob = part.blobs[digest] else { continue }
        if hasTombstones { try transaction.strike(.blob, digest.hex) }
        try transaction.putNewBlob(digest, bytes: blob.bytes)
        if let status { try transaction.stamp(status, holds: digest) }
      }
      for (item, entries) in trees { try registry.stamp(entries, item.manifest.files, in: transaction) }
      for (item, digest) in part.versions {
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
