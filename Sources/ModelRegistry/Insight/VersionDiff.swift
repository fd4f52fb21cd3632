public import RegistryModel

/// How two versions differ: by file, by the manifest's fields, and by tensor.
public struct VersionDiff: Sendable {
  public let from: VersionID
  public let to: VersionID
  public let addedFiles: [Manifest.File]
  public let removedFiles: [Manifest.File]
  public let changedFiles: [ChangedFile]
  /// Every field of the manifest but `files` that differs, by name.
  public let fields: [FieldChange]
  public internal(set) var tensors = Tensors()

  /// A file that both versions have under one path, with different bytes.
  public struct ChangedFile: Hashable, Sendable {
    public let from: Manifest.File
    public let to: Manifest.File
    /// Why its tensors were not compared; nil where they were, or where it has none.
    public let problem: String?

    public var path: RelativePath { from.path }
  }

  /// A tensor that only one of the versions has.
  public struct Located: Hashable, Sendable {
    public let path: RelativePath
    public let tensor: Tensor
  }

  /// The tensors of all files but those that are the same in both versions, which are not read.
  public struct Tensors: Hashable, Sendable {
    public internal(set) var added: [Located] = []
    public internal(set) var removed: [Located] = []
    public internal(set) var changed: [TensorChange] = []
    /// How many tensors of changed files are the same in both.
    public internal(set) var unchanged = 0

    /// Whether no tensor was looked at.
    public var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty && unchanged == 0 }
  }
}
