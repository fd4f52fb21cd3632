import DurableFiles
import RegistryModel

/// Removal of what no row stands behind. Runs only while nobody names anything (`content` exclusive); where that
/// is held, the next opening does it.
extension Registry {
  /// Finishes tombstones and removes orphan generations. Where operations left remains it looks for orphan trees,
  /// manifests' names and blobs, too. False when `content` is held, or it can't be known what is an orphan, or that
  /// no row comes back: the remains stay without their bytes, and tell the next opening.
  func removeLeftovers(_ index: Index, _ remains: Remains) throws -> Bool {
    guard let lock = try StoreLock.content.tryAcquire(store, .exclusive) else { return false }
    defer { lock.release() }
    try remains.removeTrash()
    let orphans = try index.read { try view($0) }.orphans.filter(generations.isDisposable)
    let hasTombstones = try index.read { try !$0.tombstones().isEmpty }
    if remains.isEmpty && orphans.isEmpty && !hasTombstones { return true }
    let isOvertaken = try overtakeFailedCommit(index)
    // Also where there was no room: this makes some.
    try finishTombstones(index)
    if isOvertaken {
      for number in orphans { _ = try generations.remove(number) }
      if try remains.isEmpty || removeOrphans(index) { return true }
    }
    try remains.empty()
    return false
  }

  /// False where there is no room for it, or somebody else writes to the index.
  private func overtakeFailedCommit(_ index: Index) throws -> Bool {
    do {
      try withReserve { try index.write { try $0.overtakeFailedCommit() } }
      return true
    } catch {
      guard Self.isNoSpace(error) || (error as? RegistryError)?.code == .busy else { throw error }
      return false
    }
  }

  /// Carries out deletions that were committed by somebody else; the caller holds `content` exclusive.
  func finishEarlierTombstones(_ index: Index) throws {
    guard try index.read({ try !$0.tombstones().isEmpty }) else { return }
    _ = try overtakeFailedCommit(index)
    try finishTombstones(index)
  }

  /// Carries out committed deletions; the caller holds `content` exclusive, and has committed since.
  func finishTombstones(_ index: Index) throws {
    let tombstones = try index.read { try $0.tombstones() }
    guard !tombstones.isEmpty else { return }
    var folders = TouchedDirectories()
    var done: [Tombstone] = []
    for tombstone in tombstones where try finish(tombstone, index, touching: &folders) {
      done.append(tombstone)
    }
    try folders.sync(store)
    try withReserve {
      try index.write { transaction in
        for tombstone in done { try transaction.strike(tombstone.kind, tombstone.name) }
      }
    }
  }

  private func finish(
    _ tombstone: Tombstone, _ index: Index, touching folders: inout TouchedDirectories
  ) throws -> Bool {
    switch tombstone.kind {
    case .tree:
      guard let version = try? VersionID(parsing: tombstone.name) else { return true }
      return try finishTree(version, index)
    case .blob:
      guard let digest = try? Digest(hex: tombstone.name), try index.read({ try $0.blob(digest) }) == nil
      else { return true }
      _ = try blobs.directory(for: digest, touched: &folders).remove(digest.hex)
      return true
    case .generation:
      guard let number = Int(tombstone.name) else { return true }
      guard let lock = try StoreLock.switch.tryAcquire(store, .exclusive) else { return false }
      defer { lock.release() }
      // A rollback may have gone there since it was condemned.
      if try Protection(self, switchView()).generations[number] != nil { return true }
      return try generations.remove(number)
    case .manifest:
      _ = try store.manifests.remove(tombstone.name)
      return true
    }
  }

  /// Removes a tree whose version is uninstalled. Its unlinks change the times of the blobs that it shares inodes
  /// with: their stamps are written again where they held until now.
  private func finishTree(_ version: VersionID, _ index: Index) throws -> Bool {
    guard try index.read({ try $0.version(version)?.isInstalled }) != true else { return true }
    let stamped = try stampedBlobs(of: version, index)
    guard let isDetached = try detach(version, index) else { return false }
    guard isDetached else { return true }
    try trees.discard(version.description)
    try restamp(stamped, index)
    return true
  }

  /// Takes the tree's name away under `switch`; nil where that is held. A version that a rollback went to since it
  /// was condemned is installed again instead: false.
  private func detach(_ version: VersionID, _ index: Index) throws -> Bool? {
    guard let lock = try StoreLock.switch.tryAcquire(store, .exclusive) else { return nil }
    defer { lock.release() }
    guard try Protection(self, switchView()).versions[version] != nil, try trees.stands(version) else {
      try trees.detach(version.description)
      return true
    }
    try index.write { transaction in
      guard let record = try transaction.version(version) else { return }
      try transaction.setInstalled(record.id, true)
      try transaction.audit(
        .install, version.description, reason: "it came into use while it was being uninstalled", by: caller,
        at: clock.now())
    }
    return false
  }

  private func stampedBlobs(of version: VersionID, _ index: Index) throws -> [(Digest, FileStatus)] {
    try index.read { transaction in
      guard let record = try transaction.version(version) else { return [] }
      return try Set(transaction.files(of: record.id).map(\.digest)).compactMap { digest in
        guard let status = try blobs.status(digest), status.linkCount > 1 else { return nil }
        return try transaction.isStamped(status, holding: digest) ? (digest, status) : nil
      }
    }
  }

  private func restamp(_ stamped: [(Digest, FileStatus)], _ index: Index) throws {
    guard !stamped.isEmpty else { return }
    try index.write { transaction in
      for (digest, before) in stamped {
        guard let now = try blobs.status(digest), now.inode == before.inode, now.size == before.size,
          now.modifiedNanoseconds == before.modifiedNanoseconds, try transaction.blob(digest) != nil
        else { continue }
        try transaction.stamp(now, holds: digest)
      }
    }
  }

  /// Removes trees, manifest names and blobs that have no row: what a publish or install that died left behind. The caller has
  /// committed since (``Transaction/overtakeFailedCommit()``): no row comes back.
  ///
  /// Each kind of name is gone durably before the next one goes, and all of them before the folder that told of them: a power
  /// cut in between would leave a manifest's name without its bytes, or bytes that nobody looks for.
  ///
  /// What a generation, a pin or another mark still names stays, known or not: after a rebuild that could not bring a
  /// version back, that is all there is of it. False, and nothing of that was removed, where a generation's record can't be
  /// read now: it may name anything.
  func removeOrphans(_ index: Index) throws -> Bool {
    try removeOrphanMarks(index)
    guard case (let spokenFor, var documents)? = try spokenFor() else { return false }
    for entry in try store.versions.entries() {
      let version = try? VersionID(parsing: entry.name)
      let isKnown =
        try version.map { id in try index.read { try $0.version(id)?.isInstalled == true } } ?? false
      let isNamed =
        try version.map { id in
          try spokenFor.contains(id) && index.read { try $0.version(id) == nil }
        } ?? false
      if !isKnown, !isNamed { try trees.remove(entry.name) }
    }
    // Also where no name was left here: whoever took them may have died before that was durable.
    try store.versions.sync()
    for entry in try store.manifests.entries() {
      let name = entry.name.hasSuffix(".json") ? String(entry.name.dropLast(5)) : entry.name
      let version = try? VersionID(parsing: name)
      let isKnown = try version.map { id in try index.read { try $0.version(id) != nil } } ?? false
      if !isKnown, version.map({ !spokenFor.contains($0) }) ?? true {
        try store.manifests.removeTree(entry.name)
      } else if !isKnown, let text = try? store.manifests.readLink(entry.name),
        let digest = try? Digest(hex: String(text.suffix(64)))
      {
        documents.insert(digest)
      }
    }
    try store.manifests.sync()
    for folder in try store.blobs.entries() where folder.kind == .directory {
      let directory = try store.blobs.directory(folder.name)
      var bytesWent = false
      for entry in try directory.entries() {
        let digest = try? Digest(hex: entry.name)
        let isKnown = try digest.map { digest in try index.read { try $0.blob(digest) != nil } } ?? false
        guard !isKnown, digest.map({ !documents.contains($0) }) ?? true else { continue }
        try directory.removeTree(entry.name)
        bytesWent = true
      }
      if bytesWent { try directory.sync() }
    }
    return true
  }

  /// Versions that folders of generations and marks name, and documents that records and marks name; nil where a record can't
  /// be read. Where it is missing or damaged, the folder's links still lead to versions.
  private func spokenFor() throws -> (versions: Set<VersionID>, documents: Set<Digest>)? {
    var versions = try marks.pins()
    var documents: Set<Digest> = []
    for number in try generations.numbers() {
      do {
        versions.formUnion(try generations.linkedVersions(number))
        for member in try generations.record(number).set.sorted {
          versions.insert(member.version)
          documents.insert(member.digest)
        }
      } catch is FileError {
        return nil
      } catch is RegistryError {}
    }
    for setting in try marks.channelSettings().settings { versions.insert(setting.version) }
    for record in try marks.evaluations().records {
      versions.insert(record.version)
      documents.insert(record.digest)
    }
    return (versions, documents)
  }

  /// Marks of settings and evaluations that were never acknowledged. One of a version that isn't known stays: this
  /// index can't judge it.
  private func removeOrphanMarks(_ index: Index) throws {
    let settings = try marks.channelSettings().settings
    let evaluations = try marks.evaluations().records
    guard !settings.isEmpty || !evaluations.isEmpty else { return }
    let (lostSettings, lostEvaluations) = try index.read { transaction in
      (
        try settings.filter { try transaction.version($0.version) != nil && !transaction.hasSetting($0) },
        try evaluations.filter { record in
          guard let version = try transaction.version(record.version) else { return false }
          return try !transaction.hasEvaluation(record.digest, of: version)
        }
      )
    }
    try marks.forget(lostSettings)
    try marks.forget(lostEvaluations)
  }
}
