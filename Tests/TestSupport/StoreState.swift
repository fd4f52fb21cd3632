import RegistryModel

/// What a store promises its users: what runs, what is there, what is pinned and what is blocked.
///
/// Numbers of generations are left out, as an interrupted activation may use one up.
public struct StoreState: Hashable, Sendable {
  /// The versions that run, with their digests; nil when nothing was ever activated.
  public var active: [String]?
  /// Whether what runs is confirmed; nil where nothing runs.
  public var isConfirmed: Bool?
  /// Boots left to a trial.
  public var attemptsLeft: Int?
  /// Every version: name, digest, whether it is installed and whether it is damaged.
  public var versions: [String]
  public var pins: [String]
  public var blocked: [String]
  /// Every setting of a channel and every evaluation, by its mark's name.
  public var settings: [String]
  public var evaluations: [String]
  /// Every token: its name, and whether it is revoked.
  public var tokens: [String]
  /// Every archive of episodes: its digest, and whether it was sent or waits to be.
  public var archives: [String]
  /// Whether there is an index.
  public var hasIndex: Bool

  /// Reads links, marks and rows; nil where there is no store.
  public init?(_ root: String) throws {
    guard Disk.kind("\(root)/marks/pins") != nil else { return nil }
    pins = Disk.names("\(root)/marks/pins")
    blocked = Disk.names("\(root)/marks/blocked")
    tokens = Self.tokens(root)
    let rows = try StoreRows(root)
    hasIndex = rows != nil
    archives = Self.archives(root, rows)
    versions = Self.versions(root, rows)
    settings = rows?.settings ?? Disk.names("\(root)/marks/channels")
    evaluations = rows?.evaluations ?? Disk.names("\(root)/marks/evaluations")
    guard let number = Disk.link("\(root)/active")?.split(separator: "/").last.flatMap({ Int($0) }) else {
      return
    }
    let folder = "\(root)/generations/\(number)"
    if let record = try Disk.bytes("\(folder)/generation.json").map({ try GenerationRecord(parsing: $0) }) {
      active = record.set.sorted.map { "\($0.version) \($0.digest.short)" }
    }
    if let row = rows?.generations[number] {
      isConfirmed = row.isConfirmed
      attemptsLeft = row.isConfirmed ? nil : row.attempts - row.spent
    } else {
      isConfirmed = Disk.kind("\(folder)/trial") == nil
    }
  }

  private static func versions(_ root: String, _ rows: StoreRows?) -> [String] {
    guard let rows else {
      return Disk.names("\(root)/manifests").map { "\($0) \(Disk.link("\(root)/manifests/\($0)") ?? "?")" }
    }
    return rows.versions.map { version in
      let isDamaged = (version.files.values + [version.digest]).contains { rows.blobs[$0] == true }
      return "\(version.name) \(version.digest.short)" + (version.isInstalled ? " installed" : "")
        + (isDamaged ? " damaged" : "")
    }
  }

  private static func tokens(_ root: String) -> [String] {
    Disk.tokens(root).map { name, record in
      "\(name)" + (record.map { $0.revoked == nil ? "" : " revoked" } ?? " damaged")
    }
  }

  private static func archives(_ root: String, _ rows: StoreRows?) -> [String] {
    let sent = rows?.uploads ?? []
    let waiting = Disk.outgoing(root).compactMap { _, manifest, archive in
      archive.flatMap { $0 == manifest?.archive && !sent.contains($0) ? "\($0.short) waiting" : nil }
    }
    return (sent.map { "\($0.short) sent" } + waiting).sorted()
  }

  /// The names of the versions that run.
  public var running: [String] {
    (active ?? []).compactMap { $0.split(separator: " ").first.map(String.init) }
  }
}

extension StoreState: CustomStringConvertible {
  public var description: String {
    let state = isConfirmed.map {
      $0 ? "confirmed" : "on trial, \(attemptsLeft.map(String.init) ?? "?") boots left"
    }
    return
      "active \(active.map { "\($0)" } ?? "nothing") (\(state ?? "-")); versions \(versions); pins \(pins); "
      + "blocked \(blocked.map { $0.prefix(12) }); channels \(settings); evaluations \(evaluations); tokens \(tokens); "
      + "archives \(archives)"
      + (hasIndex ? "" : "; no index")
  }
}
