import RegistryModel

/// A version that an import is going to make, or that it found.
final class ImportItem: Sendable {
  /// Its place among the drafts.
  let position: Int
  let draft: ImportDraft
  let manifest: Manifest
  /// The version that says the same already.
  let existing: VersionRecord?

  init(position: Int, draft: ImportDraft, manifest: Manifest, existing: VersionRecord?) {
    self.position = position
    self.draft = draft
    self.manifest = manifest
    self.existing = existing
  }
}

/// Gives the versions of a group their numbers, as one import after the other would.
struct ImportNumbers {
  private struct Line {
    /// Above the highest number in the store; 1 where the adapter has no version.
    let free: Int
    var next: Int
    var contents: [Digest: Int] = [:]
    var numbers: [Int: Digest] = [:]
    var names: [String: Digest] = [:]
  }

  private struct Key: Hashable {
    let adapter: AdapterName
    let content: Digest
  }

  private let transaction: Transaction
  private var lines: [AdapterName: Line] = [:]
  /// What the group makes, in its order.
  private(set) var items: [ImportItem] = []
  /// Drafts that say what an earlier one of the group says: its position, by theirs.
  private(set) var repeated: [Int: Int] = [:]

  /// - Throws: `refused` where a number or a name would mean two things, in the store or within the group.
  init(_ drafts: ArraySlice<(position: Int, draft: ImportDraft)>, in transaction: Transaction) throws {
    self.transaction = transaction
    items.reserveCapacity(drafts.count)
    for (position, draft) in drafts { try add(draft, at: position) }
  }

  private mutating func add(_ draft: ImportDraft, at position: Int) throws {
    var line = try lines.removeValue(forKey: draft.adapter) ?? line(of: draft.adapter)
    defer { lines[draft.adapter] = line }
    let manifest = try draft.manifest(number: draft.number ?? line.next)
    let content = draft.content
    if let earlier = line.contents[content] {
      repeated[position] = earlier
      return
    }
    line.contents[content] = position
    let existing = line.free == 1 ? nil : try transaction.version(of: draft.adapter, content: content)
    if let existing, let number = draft.number, number != existing.version.number,
      let taken = try transaction.version(manifest.versionID)
    {
      throw RegistryError(
        .refused, "\(taken.version) is taken by other content, \(taken.digest.short)",
        hint: "import \(draft.plan.location.quoted) alone, with another number by --version")
    }
    if existing == nil {
      try draft.requireSameOrigin(manifest, transaction)
      try requireFree(manifest, draft, content, &line)
      line.next = max(line.next, manifest.number + 1)
    }
    items.append(ImportItem(position: position, draft: draft, manifest: manifest, existing: existing))
  }

  private func line(of adapter: AdapterName) throws -> Line {
    let free = 1 + (try transaction.latestVersion(of: adapter)?.version.number ?? 0)
    return Line(free: free, next: free)
  }

  private func requireFree(
    _ manifest: Manifest, _ draft: ImportDraft, _ content: Digest, _ line: inout Line
  ) throws {
    let id = manifest.versionID
    let taken = id.number >= line.free ? nil : try transaction.version(id)
    guard taken == nil, line.numbers.updateValue(content, forKey: id.number) == nil else {
      throw RegistryError(
        .refused,
        "\(id) is taken by other content\(taken.map { ", \($0.digest.short)" } ?? " of the same import")",
        hint: "import \(draft.plan.location.quoted) alone, with another number by --version")
    }
    guard let name = draft.plan.originVersion, draft.plan.layout.namesVersions else { return }
    guard line.names.updateValue(content, forKey: name) == nil else {
      throw RegistryError(
        .refused, "\(draft.adapter)/\(name) would be two versions of this import",
        hint: "import them one by one, with numbers by --version")
    }
  }
}
