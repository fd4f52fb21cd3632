import DurableFiles
public import RegistryModel

/// A recorded episode that was read and found whole.
public struct Episode: Sendable {
  public let name: EpisodeName
  /// Of the file, where it is one; else of the list of its files, a line `HEX  PATH` each, sorted by the bytes of their
  /// paths, as `sha256sum` writes it.
  public let digest: Digest
  public let steps: Int64
  public let bytes: Int64
  /// Its files as they were read, with what the file system said of each.
  let files: [File]

  struct File: Sendable {
    /// Where it lies in an archive.
    let path: RelativePath
    let source: SourceFile
    let status: FileStatus
  }
}

/// What lies in a folder of recordings.
public struct EpisodeScan: Sendable {
  /// Sorted by name.
  public let episodes: [Episode]
  /// What is left out, each with what is wrong with it.
  public let rejected: [RejectedEpisode]
}

public struct RejectedEpisode: Hashable, Sendable {
  public let name: String
  public let reason: String
}
