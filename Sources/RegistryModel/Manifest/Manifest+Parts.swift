extension Manifest {
  /// One file of a version.
  public struct File: Hashable, Sendable {
    /// Where it lies in the version's tree.
    public let path: RelativePath
    /// The SHA-256 of its bytes.
    public let digest: Digest
    /// Its size, 0 to 2^53 - 1.
    public let bytes: Int64

    public init(path: RelativePath, digest: Digest, bytes: Int64) {
      self.path = path
      self.digest = digest
      self.bytes = bytes
    }
  }

  /// The version that training started from.
  public struct BaseReference: Hashable, Sendable {
    public let version: VersionID
    /// The digest of that version's manifest, which decides; the name is for people.
    public let digest: Digest

    public init(version: VersionID, digest: Digest) {
      self.version = version
      self.digest = digest
    }
  }

  /// The training job that made a version, as far as it is known.
  public struct JobReference: Hashable, Sendable {
    /// The job's name, 1 to 256 bytes of text.
    public let id: String
    /// The digest of the job's configuration.
    public let configDigest: Digest?
    /// The digest of the container image that ran.
    public let imageDigest: Digest?
    /// The trainer's source revision, 1 to 256 bytes of text.
    public let codeVersion: String?
    /// The seed of the trainer's random numbers, within ±(2^53 - 1).
    public let seed: Int64?

    public init(
      id: String, configDigest: Digest? = nil, imageDigest: Digest? = nil, codeVersion: String? = nil,
      seed: Int64? = nil
    ) {
      self.id = id
      self.configDigest = configDigest
      self.imageDigest = imageDigest
      self.codeVersion = codeVersion
      self.seed = seed
    }
  }

  /// An episode archive that a version was trained on.
  public struct ArchiveReference: Hashable, Sendable {
    /// The digest of the archive.
    public let digest: Digest
    /// The archive's own manifest (its episodes with their digests) as a blob that travels with the version; nil
    /// where the archive has none.
    public let manifest: Digest?

    public init(digest: Digest, manifest: Digest?) {
      self.digest = digest
      self.manifest = manifest
    }
  }

  /// The foreign layout that a version was imported from.
  public struct Origin: Hashable, Sendable {
    /// The layout's name, 1 to 128 bytes of text.
    public let layout: String
    /// The original manifest's bytes, kept as a blob.
    public let manifest: Digest
    /// What the version was called there, 1 to 128 bytes of text.
    public let version: String?

    public init(layout: String, manifest: Digest, version: String? = nil) {
      self.layout = layout
      self.manifest = manifest
      self.version = version
    }
  }
}
