import DurableFiles
package import RegistryModel

/// Brings an archive of episodes into a workspace, verified, and unpacks it.
///
/// The archive's digest is the job's, its manifest is the archive's, and every episode has the digest that the manifest says:
/// a trainer sees nothing else.
struct EpisodeDownload {
  private static let archiveName = "archive.zip"
  private static let entryLimit = 10_000_000
  /// How many bytes are written before free space is looked at again.
  private static let lookBytes: Int64 = 64 << 20

  let registry: Registry
  let workspace: TrainingWorkspace
  let meter: ProgressMeter

  func run(_ uri: String, _ digest: Digest) throws -> ArchiveManifest {
    let (remote, name) = try place(of: uri)
    guard let info = try remote.info(name), let stem = name.text.beforeSuffix(".zip"),
      let document = try remote.info(RelativePath(parsing: stem + ".json"))
    else {
      throw RegistryError(
        .notFound, "the archive \(uri.quoted) or its manifest is not there", hint: "upload the episodes again"
      )
    }
    let bytes = try remote.document(document, limit: JSONLimits.standard.maximumBytes)
    let manifest = try ArchiveManifest(parsing: bytes)
    guard manifest.archive == digest, manifest.bytes == nil || manifest.bytes == info.bytes else {
      throw RegistryError(
        .integrity,
        "the manifest beside \(uri) speaks of \(manifest.archive.short), and the job of \(digest.short)",
        hint: "see who wrote the job's document")
    }
    let file = try GrowingFile.open(Self.archiveName, in: workspace.folder)
    try meter.begin(info.bytes)
    try Reception(registry: registry, remote: remote, meter: meter, label: "the archive \(name.text)")
      .complete(file, with: info, digest)
    try meter.begin(0)
    do {
      try unpack(manifest)
    } catch {
      // What was unpacked is of no use, and the disk may be full of it.
      try? workspace.folder.removeTree("episodes")
      throw error
    }
    try workspace.write("archive.json", bytes)
    try workspace.folder.remove(Self.archiveName)
    return manifest
  }

  /// The object of an address in a job's document, which must lie where episodes go, or where an operator allowed.
  private func place(of text: String) throws -> (remote: any ObjectStore, name: RelativePath) {
    let uri = try RemoteURI(parsing: text)
    let own = try [registry.configuration.training.data, RemotePlace(store: registry.store).read()]
    let allowed = own.compactMap(\.self) + registry.configuration.remote.allowed
    guard let place = allowed.first(where: { $0.contains(uri) }), let path = place.path(of: uri),
      !path.isEmpty
    else {
      throw RegistryError(
        .refused, "\(text.quoted) lies neither where this machine's episodes go nor is it allowed",
        hint: "add it to `allow` under `remote` in the configuration, if it is meant")
    }
    return (try registry.open(place, meter), try RelativePath(parsing: path))
  }

  private func unpack(_ manifest: ArchiveManifest) throws {
    let folder = workspace.folder
    try folder.removeTree("episodes")
    try folder.makeDirectory("episodes", mode: 0o700)
    let top = try folder.directory("episodes")
    let file = try folder.openFile(Self.archiveName)
    try registry.requireRoom(bytes: file.size, files: manifest.episodes.count)
    let stream = try ArchiveStream(file)
    var budget = ArchiveIntake.freeBytes + ArchiveIntake.ratio * file.size
    let buffer = ReadableFile.alignedBuffer(byteCount: BlobStore.chunkBytes)
    defer { buffer.deallocate() }
    var (entries, nextLook) = (0, Int64(0))
    let most = budget
    while let entry = try stream.next() {
      entries += 1
      guard entries <= Self.entryLimit else { throw Self.refused(entry, "is one too many") }
      guard entry.kind == .file else { throw Self.refused(entry, "is no plain file") }
      let path = try RelativePath(parsing: entry.name)
      // A scan leaves hidden names out, and so they would be nobody's.
      guard !path.text.hasPrefix(".") else { throw Self.refused(entry, "belongs to no episode") }
      var parent = top
      for component in path.components.dropLast() {
        if try parent.status(component) == nil { try parent.makeDirectory(component, mode: 0o700) }
        parent = try parent.directory(component)
      }
      let made = try parent.createFile(mode: 0o600)
      while true {
        let count = try stream.read(into: buffer)
        if count == 0 { break }
        budget -= Int64(count)
        guard budget >= 0 else { throw Self.refused(entry, "unpacks to too much") }
        if most - budget >= nextLook {
          nextLook = most - budget + Self.lookBytes
          try registry.requireRoom(bytes: Self.lookBytes, files: 2)
        }
        try made.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        try meter.check()
      }
      guard let leaf = path.components.last, try made.link(as: leaf, in: parent) else {
        throw Self.refused(entry, "occurs twice")
      }
    }
    try verify(manifest)
  }

  private func verify(_ manifest: ArchiveManifest) throws {
    let scan = try EpisodeReader(workspace.episodesPath).scan(meter)
    let found = Dictionary(uniqueKeysWithValues: scan.episodes.map { ($0.name.text, $0.digest) })
    let expected = Dictionary(manifest.episodes.map { ($0.id, $0.digest) }) { first, _ in first }
    guard scan.rejected.isEmpty, found == expected else {
      let wrong = Set(found.keys).union(expected.keys).filter { found[$0] != expected[$0] }.sorted()
      let names = (scan.rejected.map(\.name) + wrong).prefix(3).map(\.quoted).joined(separator: ", ")
      throw RegistryError(
        .integrity, "the archive's episodes aren't what its manifest says: \(names)",
        hint: "upload the episodes again")
    }
  }

  private static func refused(_ entry: ArchiveStream.Entry, _ problem: String) -> RegistryError {
    RegistryError(
      .integrity, "the entry \(entry.name.quoted) of the archive \(problem)",
      hint: "upload the episodes again")
  }
}

extension TrainingWorkspace {
  /// Brings the episodes that a job names, verified, into ``episodesPath``, and their manifest into ``manifestPath``.
  ///
  /// - Throws: `refused` for an address that isn't allowed, `integrity` for bytes that aren't what job and manifest say,
  ///   `notFound` where they are gone.
  package func bringEpisodes(
    _ uri: String, _ digest: Digest, for registry: Registry, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> ArchiveManifest {
    try reporting("bring the episodes of \(job)") {
      try EpisodeDownload(registry: registry, workspace: self, meter: ProgressMeter(progress)).run(
        uri, digest)
    }
  }
}
