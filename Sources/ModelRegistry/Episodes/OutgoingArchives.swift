import DurableFiles
import RegistryModel

/// Archives that were packed and haven't arrived: `private/episodes/NAME.zip` and, written last, `NAME.json`.
///
/// Order (docs/format.md, E1–E5): the archive, durable under its name; its manifest, which is when it is to be sent; the
/// object, then the manifest's object beside it, both create-only; one transaction; then the files go, the manifest first.
/// A crash leaves an archive without a manifest, which is swept and packed again, or both, which the next upload sends
/// first, going on where it stopped: under the same name, as that has the digest.
struct OutgoingArchives {
  static let folderName = "episodes"
  private static let lockName = "lock"

  let folder: Directory
  private let lock: FileLock

  /// - Throws: `busy` where another process packs or sends.
  init(_ store: Store, waitingAtMost milliseconds: Int64) throws {
    folder = try store.privateFolder(Self.folderName)
    // Its name is durable before anything is in it: whoever makes it may die in between.
    if try folder.entries().isEmpty { try store.root.directory("private").sync() }
    guard
      let lock = try FileLock.acquire(
        Self.lockName, in: folder, .exclusive, waitingAtMost: milliseconds)
    else {
      throw RegistryError(
        .busy, "another process uploads episodes", hint: "try again, or wait longer with --wait")
    }
    self.lock = lock
  }

  func release() { lock.release() }

  struct Outgoing {
    let name: ArchiveName
    let manifest: ArchiveManifest
  }

  /// Those that are to be sent; what a crash left half made goes.
  func pending() throws -> [Outgoing] {
    var pending: [Outgoing] = []
    let names = try folder.entries().map(\.name).filter { $0 != Self.lockName }
    for name in names {
      if let stem = name.beforeSuffix(".json"), let archive = try? ArchiveName(parsing: stem),
        names.contains(archive.file)
      {
        pending.append(Outgoing(name: archive, manifest: try manifest(name)))
      } else if name.hasSuffix(".zip"), names.contains(String(name.dropLast(4)) + ".json") {
        continue
      } else {
        try folder.removeTree(name)
      }
    }
    // Whoever packed them may have died before their names were durable.
    if !pending.isEmpty { try folder.sync() }
    return pending
  }

  private func manifest(_ name: String) throws -> ArchiveManifest {
    let bytes = try folder.readSmallFile(name, limit: JSONLimits.standard.maximumBytes)
    do {
      return try ArchiveManifest(parsing: bytes)
    } catch {
      throw RegistryError(
        .integrity, "private/episodes/\(name) can't be read: \(error.message)",
        hint: "remove that file: its episodes are packed again from where they were recorded")
    }
  }

  /// Packs episodes; durable when it returns.
  func pack(_ packer: EpisodePacker, robot: RobotName, at now: Timestamp) throws -> Outgoing {
    let file = try folder.createFile(mode: 0o600)
    let digest = try packer.pack(into: file)
    try file.sync()
    let name = ArchiveName(robot: robot, at: now, digest: digest)
    let manifest = ArchiveManifest(
      archive: digest, bytes: try file.status().size, robot: robot.text, createdAt: now,
      episodes: packer.episodes.map {
        ArchiveManifest.Episode(id: $0.name.text, digest: $0.digest, steps: $0.steps, bytes: $0.bytes)
      })
    try put(file, name.file)
    let document = try folder.createFile(mode: 0o600)
    try manifest.json.canonicalBytes.withUnsafeBytes { try document.write($0) }
    try document.sync()
    try put(document, name.manifest)
    return Outgoing(name: name, manifest: manifest)
  }

  private func put(_ file: NewFile, _ name: String) throws {
    try folder.removeTree(name)
    _ = try file.link(as: name, in: folder)
    try folder.sync()
  }

  func remove(_ outgoing: Outgoing) throws {
    try folder.remove(outgoing.name.manifest)
    try folder.remove(outgoing.name.file)
  }
}
