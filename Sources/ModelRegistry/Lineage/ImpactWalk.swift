import RegistryModel

/// The versions that descend from archives, in an order in which one can go on from any of them.
///
/// A version has one base at most, so everything that descends from an archive falls into trees: each begins with a
/// version that was trained on the archive itself, and holds those below it that were not. Trees come in the order of
/// their first versions' ids, and within a tree a version comes before those that it is the base of. To go on behind a
/// version only its own chain of bases is needed: a page costs the same wherever it is, whatever is stored.
struct ImpactWalk {
  let transaction: Transaction
  /// Digests as edges have them.
  let archives: [String]

  struct Step {
    let record: VersionRecord
    /// How many bases away from a version that was trained on the archive; 0: it was itself.
    let depth: Int
  }

  /// The versions behind `cursor`, at most `limit`.
  func page(after cursor: VersionRecord?, limit: Int) throws -> [Step] {
    var steps: [Step] = []
    var path = try cursor.map { try chain(of: $0) } ?? []
    while steps.count < limit, let next = try next(&path) {
      steps.append(Step(record: next, depth: path.count - 1))
    }
    return steps
  }

  /// From the first version of the tree down to `record`.
  private func chain(of record: VersionRecord) throws -> [VersionRecord] {
    var chain = [record]
    var seen: Set<Int64> = [record.id]
    while let last = chain.last, try !isTrainedOn(last) {
      guard let digest = try transaction.base(of: last.id),
        let base = try transaction.version(digest: digest),
        seen.insert(base.id).inserted
      else {
        throw RegistryError(
          .usage, "\(record.version) doesn't descend from that", hint: "go on after what `next` said")
      }
      chain.append(base)
    }
    return chain.reversed()
  }

  private func next(_ path: inout [VersionRecord]) throws -> VersionRecord? {
    if let last = path.last, let child = try child(of: last, after: 0, path) {
      path.append(child)
      return child
    }
    while let done = path.popLast() {
      guard let parent = path.last else {
        return try begin(after: done.id, &path)
      }
      if let sibling = try child(of: parent, after: done.id, path) {
        path.append(sibling)
        return sibling
      }
    }
    return try begin(after: 0, &path)
  }

  private func begin(after id: Int64, _ path: inout [VersionRecord]) throws -> VersionRecord? {
    let roots = try archives.compactMap {
      try transaction.children("archive", of: $0, after: id, limit: 1).first
    }
    guard let root = roots.min(by: { $0.id < $1.id }) else { return nil }
    path = [root]
    return root
  }

  /// The next version with this base that begins no tree of its own. One that is on the way already would be a cycle.
  private func child(
    of parent: VersionRecord, after id: Int64, _ path: [VersionRecord]
  ) throws -> VersionRecord? {
    var last = id
    while true {
      let found = try transaction.children("base", of: parent.digest.description, after: last, limit: 16)
      for child in found where try !isTrainedOn(child) && !path.contains(where: { $0.id == child.id }) {
        return child
      }
      guard found.count == 16, let end = found.last else { return nil }
      last = end.id
    }
  }

  private func isTrainedOn(_ record: VersionRecord) throws -> Bool {
    try archives.contains { try transaction.hasEdge(record.id, "archive", $0) }
  }
}
