package import ModelRegistry
package import RegistryModel

/// The JSON of episodes and of the archives that were sent.
extension Document {
  package static func rejected(_ rejected: [RejectedEpisode]) -> JSONValue {
    .array(rejected.map { ["name": .string($0.name), "reason": .string($0.reason)] })
  }

  package static func archive(_ archive: UploadedArchive) -> JSONValue {
    [
      "digest": .string(archive.digest.description), "uri": .string(archive.uri),
      "bytes": .integer(archive.bytes), "episodes": .integer(archive.episodes),
      "uploaded_at": .string(archive.uploadedAt.description),
    ]
  }

  package static func uploaded(_ result: EpisodeUploadResult) -> JSONValue {
    [
      "archives": .array(result.archives.map(archive)),
      "packed_episodes": .integer(result.packedEpisodes),
      "uploaded_episodes": .integer(result.uploadedEpisodes),
      "known_episodes": .integer(result.knownEpisodes),
      "valid_episodes": .integer(result.validEpisodes), "rejected": rejected(result.rejected),
      "requests": .integer(result.traffic.requests), "bytes_out": .integer(result.traffic.bytesOut),
    ]
  }
}
