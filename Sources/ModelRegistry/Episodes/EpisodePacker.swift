import DurableFiles
import RegistryModel

/// Packs episodes into a zip: everything that belongs to them, stored, names sorted by their bytes, without times or owners,
/// so that the same episodes make the same bytes and the same digest.
struct EpisodePacker {
  let episodes: [Episode]
  let meter: ProgressMeter

  /// What an entry takes in a zip beside its bytes, generously: both its headers, with its name twice.
  private static let entryBytes: Int64 = 256

  var bytes: Int64 { BlobSizes.sum(episodes.map(\.bytes)) }
  /// The archive's size at most.
  var archiveBytes: Int64 {
    let entries = episodes.flatMap(\.files).map { Self.entryBytes + 2 * Int64($0.path.text.utf8.count) }
    return BlobSizes.sum([bytes, BlobSizes.sum(entries)])
  }

  /// Writes the archive; nothing is durable yet.
  /// - Throws: `integrity` where a file is another than when it was read.
  func pack(into file: NewFile) throws -> Digest {
    let hash = try SHA256()
    let archive = try ArchiveWriter(file, .zip, hash: hash)
    for entry in episodes.flatMap(\.files).sorted(by: { $0.path < $1.path }) {
      let source = try entry.source.folder.openFile(entry.source.name)
      try archive.add(entry.path, bytes: entry.status.size) { offset, buffer in
        let count = try source.read(at: offset, into: buffer)
        try meter.add(Int64(count))
        return count
      }
      // The digest of what was read is in the manifest: the same file, unchanged since, has it.
      guard try source.status() == entry.status else {
        throw RegistryError(
          .integrity, "\(entry.path.text) changed while it was packed", unchanged: "nothing was uploaded",
          hint: "run it again when the robot doesn't record")
      }
    }
    try archive.finish()
    return try hash.finish()
  }
}

extension ArchiveManifest {
  /// The document as it lies beside an archive.
  package var json: JSONValue {
    [
      "archive": .string(archive.description), "size": bytes.map { .integer($0) } ?? .null,
      "robot": .orNull(robot), "created": .orNull(createdAt?.description),
      "episodes": .array(
        episodes.map { episode in
          [
            "id": .string(episode.id), "sha256": .string(episode.digest.description),
            "steps": episode.steps.map { .integer($0) } ?? .null,
            "bytes": episode.bytes.map { .integer($0) } ?? .null,
          ]
        }),
    ]
  }
}
