import DurableFiles
import RegistryModel

/// What must hold before an activation builds anything. Hashing, where a stamp doesn't hold, happens here,
/// without a lock.
struct ActivationChecks {
  let registry: Registry
  let options: ActivationOptions

  func check(_ changed: [VersionRecord], set: GenerationSet, before: SwitchView) throws {
    let index = try registry.index()
    let facts = Facts.all(registry.configuration, set: set)
    for record in changed {
      guard record.isInstalled, try registry.trees.stands(record.version) else {
        throw refusal("\(record.version) is not installed", "`modelctl install \(record.version)` first")
      }
      if before.blocked.contains(record.digest), !options.force {
        let reason = try registry.marks.reasonForBlock(of: record.digest) ?? ""
        throw refusal(
          "\(record.version) is blocked: \(reason)",
          "choose another version, or try this one again with --force")
      }
      do {
        try requireGood(record, index)
      } catch let error as FileError where error.isMissing {
        throw refusal(
          "\(record.version) was uninstalled meanwhile", "`modelctl install \(record.version)` first")
      }
      if let problem = Facts.problem(with: try registry.manifest(of: record), facts) {
        throw refusal(problem, "choose a version for this robot, or state the fact in the configuration")
      }
      try requirePaths(record, before: before, index)
    }
    try requireBases(besides: Set(changed.map(\.version)), set, facts, index)
  }

  /// The versions that stay must still find the base that they require in the set.
  private func requireBases(
    besides changed: Set<VersionID>, _ set: GenerationSet, _ facts: [String: [String]], _ index: Index
  ) throws {
    for member in set.sorted where !changed.contains(member.version) {
      guard let record = try index.read({ try $0.version(member.version) }) else { continue }
      if let problem = Facts.problem(with: try registry.manifest(of: record), facts, among: ["base"]) {
        throw refusal(problem, "switch both together, or take \(member.version.adapter.text) out first")
      }
    }
  }

  /// Every file of the version is known to hold its bytes; what carries no stamp is hashed now.
  private func requireGood(_ record: VersionRecord, _ index: Index) throws {
    if try index.read({ try $0.isDamaged(record) }) { throw damaged(record) }
    let files = try index.read { try $0.files(of: record.id) }
    let tree = try registry.store.versions.directory(record.version.description)
    var fresh: [(FileStatus, Digest)] = []
    for file in files {
      guard let status = try TreeStore.entry(file.path, in: tree), status.kind == .file,
        status.size == file.bytes
      else {
        throw refusal(
          "\(file.path.text) of \(record.version) is missing or has the wrong size",
          "`modelctl install \(record.version)` makes its tree again")
      }
      if try index.read({ try $0.isStamped(status, holding: file.digest) }) { continue }
      guard try Hashing.digest(of: tree.openFile(file.path.text)).digest == file.digest else {
        let sharesBlob = try registry.blobs.status(file.digest)?.inode == status.inode
        if sharesBlob { try registry.noteDamage([file.digest], index) }
        if !sharesBlob { try registry.noteTrees(bad: [record.id], good: [], index) }
        throw damaged(record)
      }
      fresh.append((status, file.digest))
    }
    guard !fresh.isEmpty else { return }
    try index.write { transaction in
      for (status, digest) in fresh where try transaction.blob(digest) != nil {
        try transaction.stamp(status, holds: digest)
      }
    }
  }

  /// The runtime opens the paths that it knows: a version without one of them would break it.
  private func requirePaths(_ record: VersionRecord, before: SwitchView, _ index: Index) throws {
    guard !options.force, let running = before.activeGeneration?.set[record.version.adapter] else { return }
    let paths = try index.read { transaction in
      guard let active = try transaction.version(running.version) else { return Set<RelativePath>() }
      return Set(try transaction.files(of: active.id).map(\.path))
    }
    let missing = paths.subtracting(try index.read { try $0.files(of: record.id) }.map(\.path)).sorted()
    guard let first = missing.first else { return }
    throw refusal(
      "\(record.version) lacks \(first.text), which \(running.version) has and the runtime may open",
      "publish it with that file, or use --force")
  }

  private func damaged(_ record: VersionRecord) -> RegistryError {
    RegistryError(
      .integrity, "\(record.version) is damaged",
      hint: "publish its files again to repair it, or choose another version")
  }

  private func refusal(_ message: String, _ hint: String) -> RegistryError {
    RegistryError(.refused, message, hint: hint)
  }
}
