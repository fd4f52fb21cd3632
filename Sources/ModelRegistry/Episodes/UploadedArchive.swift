public import RegistryModel

/// An archive of episodes that is on the remote, whole and acknowledged.
public struct UploadedArchive: Hashable, Sendable {
  public let digest: Digest
  /// Its object, as a job names it: `gs://BUCKET/PREFIX/episodes/NAME.zip`.
  public let uri: String
  public let bytes: Int64
  public let episodes: Int
  public let uploadedAt: Timestamp
}

/// What an upload of episodes did.
public struct EpisodeUploadResult: Hashable, Sendable {
  /// Archives that arrived now: what an earlier run left first, then the one that was made.
  public internal(set) var archives: [UploadedArchive] = []
  /// How many episodes were sent now, how many were there already, and how many could be read in all.
  public internal(set) var uploadedEpisodes = 0
  /// How many were packed only, and wait for the next upload.
  public internal(set) var packedEpisodes = 0
  public internal(set) var knownEpisodes = 0
  public internal(set) var validEpisodes = 0
  public internal(set) var rejected: [RejectedEpisode] = []
  /// Archives that were packed earlier and can't be sent, each with what to do.
  public internal(set) var problems: [String] = []
  public internal(set) var traffic = RemoteTraffic()
}

/// An episode that lies here, and whether it is on the remote.
public struct EpisodeSummary: Hashable, Sendable {
  public let name: String
  public let digest: Digest
  public let steps: Int64
  public let bytes: Int64
  /// The archive that has it; nil where it was never sent.
  public let archive: Digest?
}
