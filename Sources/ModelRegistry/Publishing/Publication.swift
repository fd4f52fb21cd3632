import DurableFiles
import RegistryModel

/// The second half of publish: names, manifest, tree and row for blobs that are staged.
///
/// Order (docs/format.md, P5–P9): blobs get their names and their directories are synced; then the manifest the
/// same way; then `manifests/NAME.json`; then the tree; then one transaction, whose commit is when "published" may
/// be said. A crash before the commit leaves things that no row knows, and a folder under `staging/` that tells
/// the next opening to look for them.
struct Publication: Sendable {
  let registry: Registry
  let index: Index
  let operation: Operation
  let draft: @Sendable (Int) throws -> Manifest
  let number: Int?
  let adapter: AdapterName
  let staged: [StagedBlob]
  let reusedBytes: Int64
  /// Whether equal content that is a version already is the answer; a new number is asked for otherwise.
  var adoptsExisting = true
  /// What to do about a number that is taken.
  var takenHint = "leave out --version to get the next number"
  /// What the audit calls it.
  var kind = AuditRecord.Kind.publish

  private var store: Store { registry.store }

  func commit() throws -> PublishResult {
    // Whatever can be refused is refused before anything gets a name.
    let likely = try draft(number ?? nextNumber())
    let content = try Digest.sha256(of: likely.contentBytes)
    let known = try existing(content)
    try requireFreeNumber(besides: known)
    try operation.meter.check()
    let lock = try StoreLock.content.acquire(store, .shared, waitingAtMost: registry.patience)
    defer { lock.release() }
    // The manifest under its likely number is flushed beside the note, and named with the files: both seldom change.
    let early = try announce(staging: known == nil ? likely : nil)
    try nameBlobs(staged + early)
    let names = try StoreLock.names.acquire(store, .exclusive, waitingAtMost: registry.patience)
    defer { names.release() }
    let existing = try existing(content)
    try requireFreeNumber(besides: existing)
    if let existing { return try adopt(existing, leaving: early) }
    let manifest = try draft(number ?? nextNumber())
    let document = try document(of: manifest, early)
    try nameAndBuild(manifest, document)
    let tree = try registry.putTree(manifest.files, manifest.versionID, operation)
    try index.write { transaction in
      try registry.recordBlobs(staged + [document], in: transaction)
      try registry.stamp(tree, manifest.files, in: transaction)
      let now = try transaction.audit(
        kind, manifest.versionID.description, to: document.digest.description, reason: manifest.note,
        by: registry.caller, at: registry.clock.now())
      try transaction.insertVersion(manifest, digest: document.digest, content: content, at: now)
      try transaction.readArchives(from: registry.blobs)
      try transaction.strike(.tree, manifest.versionID.description)
    }
    operation.conclude()
    return result(manifest.versionID, document.digest, manifest.files, existing: false)
  }

  /// Makes the operation's note durable, and a manifest's bytes beside it.
  private func announce(staging manifest: Manifest?) throws -> [StagedBlob] {
    let bytes = manifest?.canonicalBytes
    return try concurrentMap([true, false], run: 1) { isNote -> StagedBlob? in
      guard !isNote else {
        try operation.announce()
        return nil
      }
      return try bytes.map { try registry.blobs.stage($0, in: operation) }
    }.compactMap(\.self)
  }

  /// The manifest as a blob: the one that was named already, or another where the number was taken meanwhile.
  private func document(of manifest: Manifest, _ early: [StagedBlob]) throws -> StagedBlob {
    let bytes = manifest.canonicalBytes
    let digest = try Digest.sha256(of: bytes)
    if let document = early.first(where: { $0.digest == digest }) { return document }
    let document = try registry.blobs.stage(bytes, in: operation)
    try nameBlobs([document])
    return document
  }

  /// Names the manifest, and builds the tree aside: neither needs the other.
  private func nameAndBuild(_ manifest: Manifest, _ document: StagedBlob) throws {
    _ = try concurrentMap([true, false], run: 1) { isName in
      if isName {
        try registry.nameManifest(manifest.versionID, document.digest)
      } else {
        try registry.buildTree(manifest.files, operation)
      }
    }
  }

  private func nameBlobs(_ staged: [StagedBlob]) throws {
    try registry.nameBlobs(staged, from: operation, index)
  }

  /// The same content is a version already: it is installed if it wasn't or isn't whole, and the result names it.
  /// A manifest that was named for a version that somebody else made meanwhile has no row: the next opening looks.
  private func adopt(_ existing: VersionRecord, leaving early: [StagedBlob]) throws -> PublishResult {
    let files = try index.read { try $0.files(of: existing.id) }
    try index.write { try registry.recordBlobs(staged, in: $0) }
    if try !registry.isWhole(existing, files, index, operation.meter) {
      try registry.reinstall(existing, files, operation, index)
    }
    if early.isEmpty { operation.conclude() }
    return result(existing.version, existing.digest, files, existing: true)
  }

  /// A version of the adapter that says the same already.
  private func existing(_ content: Digest) throws -> VersionRecord? {
    guard adoptsExisting else { return nil }
    return try index.read { try $0.version(of: adapter, content: content) }
  }

  private func nextNumber() throws -> Int {
    var number = try index.read { 1 + (try $0.latestVersion(of: adapter)?.version.number ?? 0) }
    guard number <= VersionID.numbers.upperBound else {
      throw RegistryError(
        .refused, "\(adapter) has a version \(number - 1), the highest number there is",
        hint: "name a free number with --version")
    }
    while try registry.isNameOfLost(VersionID(adapter: adapter, number: number)) { number += 1 }
    return number
  }

  /// Refuses a number that a version of other content has.
  private func requireFreeNumber(besides existing: VersionRecord?) throws {
    guard let number, number != existing?.version.number else { return }
    let id = try VersionID(adapter: adapter, number: number)
    guard let taken = try index.read({ try $0.version(id) }) else {
      let offered = try Digest.sha256(of: draft(number).canonicalBytes)
      guard try registry.isNameOfLost(id, besides: offered) else { return }
      throw RegistryError(
        .refused, "\(id) is the name of a version whose manifest is lost", hint: takenHint)
    }
    throw RegistryError(
      .refused, "\(taken.version) is taken by other content, \(taken.digest.short)",
      hint: takenHint)
  }

  private func result(
    _ version: VersionID, _ digest: Digest, _ files: [Manifest.File], existing: Bool
  ) -> PublishResult {
    PublishResult(
      version: version, digest: digest, existing: existing, files: files.count,
      bytes: files.reduce(0) { $0 + $1.bytes }, reusedBytes: reusedBytes)
  }
}
