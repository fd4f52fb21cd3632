public import RegistryModel

/// A version, as lists show it.
public struct VersionSummary: Hashable, Sendable {
  public let version: VersionID
  public let digest: Digest
  public let createdAt: Timestamp
  public let bytes: Int64
  public let isInstalled: Bool
  public let isActive: Bool
  public let isPinned: Bool
  public let isBlocked: Bool
  /// Whether a blob of it was found bad.
  public let isDamaged: Bool
  /// The channels that name it now.
  public let channels: [ChannelName]
  /// What it was called where it was imported from.
  public let originVersion: String?
}

/// One page of a list; `next` is what to ask the next page with.
public struct Page<Item: Sendable, Cursor: Sendable>: Sendable {
  public let items: [Item]
  public let next: Cursor?

  /// Makes a page of `items`, which hold one more than `limit` where there is a further page.
  init(_ items: [Item], limit: Int, cursor: (Item) -> Cursor) {
    self.items = Array(items.prefix(limit))
    next = items.count > limit ? self.items.last.map(cursor) : nil
  }
}

extension Registry {
  /// One page of versions by adapter and number.
  public func versions(
    of adapter: AdapterName? = nil, after: VersionID? = nil, limit: Int = 100
  ) throws(RegistryError) -> Page<VersionSummary, VersionID> {
    try reporting("list versions") {
      let records = try index().read { try $0.versions(of: adapter, after: after, limit: limit + 1) }
      return Page(try summaries(records), limit: limit, cursor: \.version)
    }
  }

  /// One version and its manifest.
  public func show(_ reference: Reference) throws(RegistryError) -> (VersionSummary, Manifest) {
    try reporting("show \(reference)") {
      let record = try resolve(reference)
      let manifest = try manifest(of: record)
      guard let summary = try summaries([record]).first else {
        throw RegistryError(.notFound, "\(reference) vanished", hint: "run the command again")
      }
      return (summary, manifest)
    }
  }

  /// The files of a version, from the index: also where the manifest's blob is damaged.
  public func files(
    of reference: Reference
  ) throws(RegistryError) -> (version: VersionID, files: [Manifest.File]) {
    try reporting("list the files of \(reference)") {
      let record = try resolve(reference)
      return (record.version, try index().read { try $0.files(of: record.id) })
    }
  }

  /// Whether the version's number is known, and under which digest.
  public func digest(of reference: Reference) throws(RegistryError) -> (version: VersionID, digest: Digest) {
    try reporting("resolve \(reference)") {
      let record = try resolve(reference)
      return (record.version, record.digest)
    }
  }

  func summaries(_ records: [VersionRecord]) throws -> [VersionSummary] {
    let active = ((try? activeSet()) ?? GenerationSet()).digests
    let pins = try marks.pins()
    let blocked = try marks.blocked()
    return try index().read { transaction in
      try records.map { record in
        VersionSummary(
          version: record.version, digest: record.digest, createdAt: record.createdAt, bytes: record.bytes,
          isInstalled: record.isInstalled, isActive: active.contains(record.digest),
          isPinned: pins.contains(record.version), isBlocked: blocked.contains(record.digest),
          isDamaged: try transaction.isDamaged(record),
          channels: try transaction.channels(naming: record.digest).map(\.name),
          originVersion: try transaction.origin(of: record.id))
      }
    }
  }
}
