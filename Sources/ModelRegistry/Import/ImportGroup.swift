import DurableFiles
import RegistryModel

/// Makes many versions at once, with a few flushes of the file system in place of several for each version.
///
/// Order (docs/format.md, G): all bytes, then a flush; their names, and the trees aside, then a flush; the manifests' links
/// and the trees' names, then a flush; then the rows, whose commit is when "imported" may be said. A crash before that
/// leaves what no row knows, and the operation's folder, which was durable before the first name.
struct ImportGroup {
  /// Versions whose locks are held together: a few seconds' work, which others wait for.
  static let roundSize = 10240

  let registry: Registry
  let index: Index
  let operation: Operation
  let drafts: [ImportDraft]
  let source: StagedSource

  private typealias Numbered = (position: Int, draft: ImportDraft)

  private var store: Store { registry.store }

  /// In the order of the drafts.
  func commit() throws -> [PublishResult] {
    // Numbers that are asked for come first, so that no next number takes one of them.
    let numbered = Array(drafts.enumerated()).map { (position: $0.offset, draft: $0.element) }
    let order = numbered.filter { $0.draft.number != nil } + numbered.filter { $0.draft.number == nil }
    // Whatever can be refused is refused before anything gets a name; the first round does that by itself.
    if order.count > Self.roundSize { _ = try index.read { try ImportNumbers(order[...], in: $0) } }
    try index.expectLargeTransactions()
    var results: [PublishResult?] = Array(repeating: nil, count: drafts.count)
    for start in stride(from: 0, to: order.count, by: Self.roundSize) {
      let round = order[start..<min(start + Self.roundSize, order.count)]
      try afterwards(
        "import a group of versions",
        standing: "versions of it that were made by then stand, and importing it again makes the rest"
      ) { try commit(round, &results) }
    }
    operation.conclude()
    return results.compactMap(\.self)
  }

  private func commit(_ round: ArraySlice<Numbered>, _ results: inout [PublishResult?]) throws {
    let content = try StoreLock.content.acquire(store, .shared, waitingAtMost: registry.patience)
    defer { content.release() }
    let names = try StoreLock.names.acquire(store, .exclusive, waitingAtMost: registry.patience)
    defer { names.release() }
    let numbers = try index.read { try ImportNumbers(round, in: $0) }
    let new = numbers.items.filter { $0.existing == nil }
    let lost = try concurrentMap(new.map(\.manifest.versionID)) { id in
      try registry.isNameOfLost(id) ? id : nil
    }
    if let lost = lost.compactMap(\.self).first {
      throw RegistryError(
        .refused, "\(lost) is the name of a version whose manifest is lost",
        hint: "import the versions one by one, with numbers by --version")
    }
    let batch = ImportBatch(
      registry: registry, index: index, operation: operation, items: new, source: source)
    for (item, digest) in zip(new, try batch.commit()) {
      results[item.position] = result(item.manifest.versionID, digest, item, existing: false)
    }
    for item in numbers.items {
      guard let existing = item.existing else { continue }
      try adopt(existing, item)
      results[item.position] = result(existing.version, existing.digest, item, existing: true)
    }
    for (position, first) in numbers.repeated {
      guard let earlier = results[first] else { continue }
      results[position] = PublishResult(
        version: earlier.version, digest: earlier.digest, existing: true, files: earlier.files,
        bytes: earlier.bytes, reusedBytes: earlier.bytes)
    }
  }

  /// A version that says the same is installed if it wasn't or isn't whole.
  private func adopt(_ existing: VersionRecord, _ item: ImportItem) throws {
    let files = try index.read { try $0.files(of: existing.id) }
    guard try !registry.isWhole(existing, files, index, operation.meter) else { return }
    let staged = item.draft.digests.compactMap { source.blobs[$0] }
    try operation.announce()
    if source.owesFlush { try store.staging.syncFileSystem() }
    try registry.nameBlobs(staged, from: operation, index)
    try index.write { try registry.recordBlobs(staged, in: $0) }
    try registry.reinstall(existing, files, operation, index)
  }

  private func result(
    _ version: VersionID, _ digest: Digest, _ item: ImportItem, existing: Bool
  ) -> PublishResult {
    let files = item.manifest.files
    let reused = Set(files.filter { source.blobs[$0.digest]?.isReused == true }.map(\.digest))
      .reduce(0) { $0 + (source.blobs[$1]?.bytes ?? 0) }
    return PublishResult(
      version: version, digest: digest, existing: existing, files: files.count,
      bytes: item.manifest.totalBytes, reusedBytes: reused)
  }
}
