public import RegistryModel

/// What is in one file of a version, as far as its headers tell.
public struct FileInsight: Hashable, Sendable {
  public let path: RelativePath
  public internal(set) var format: FileFormat
  /// Why its headers could not be read, or not wholly; nil where nothing is wrong.
  public internal(set) var problem: String?
  /// Whether loading it can run code that stands in it: a pickle, objects in an npy or npz file, or headers of these
  /// that can't be read, so that nothing is ruled out.
  public internal(set) var runsCode: Bool
  /// The tensors, in the order of their bytes; no name occurs twice. Where there is a problem, those found before it.
  public internal(set) var tensors: [Tensor]

  init(_ path: RelativePath, _ format: FileFormat, problem: String? = nil) {
    self.path = path
    self.format = format
    self.problem = problem
    runsCode = format.runsCodeWhenLoaded
    tensors = []
  }
}

/// What is in the files of a version.
public struct VersionInsight: Hashable, Sendable {
  public let version: VersionID
  /// Every file, by path.
  public let files: [FileInsight]
}
