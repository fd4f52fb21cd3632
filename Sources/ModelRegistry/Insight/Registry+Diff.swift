import DurableFiles
public import RegistryModel

extension Registry {
  /// How two versions differ. Files are the same when their digests are, and then nothing of them is read.
  ///
  /// Changed files of weights that both versions have under one path are compared tensor by tensor, by name. Reads
  /// both files once and changes nothing; memory does not grow with their size. What can't be read or is malformed
  /// is a ``VersionDiff/ChangedFile/problem`` and no error.
  /// - Throws: `notFound` where there is no such version, `integrity` where a manifest is damaged.
  public func diff(_ from: Reference, _ to: Reference) throws(RegistryError) -> VersionDiff {
    try reporting("compare \(from) with \(to)") {
      let (old, new) = (try resolve(from), try resolve(to))
      let (before, after) = (try manifest(of: old), try manifest(of: new))
      let changes = FileChanges(from: before.files, to: after.files)
      var comparison = VersionComparison(blobs)
      comparison.count(added: changes.added, removed: changes.removed)
      let changed = changes.changed.map { comparison.compare($0) }
      return VersionDiff(
        from: old.version, to: new.version, addedFiles: changes.added, removedFiles: changes.removed,
        changedFiles: changed, fields: FieldChange.between(before, after), tensors: comparison.tensors)
    }
  }
}

/// Compares the tensors of changed files, and gathers what it finds.
struct VersionComparison {
  private let blobs: BlobStore
  private var before: InsightReader
  private var after: InsightReader
  private let comparison = TensorComparison()
  private(set) var tensors = VersionDiff.Tensors()

  init(_ blobs: BlobStore) {
    self.blobs = blobs
    before = InsightReader(blobs)
    after = InsightReader(blobs)
  }

  /// The tensors of files that only one version has.
  mutating func count(added: [Manifest.File], removed: [Manifest.File]) {
    for file in added { tensors.added += Self.located(after.insight(file).tensors, file.path) }
    for file in removed { tensors.removed += Self.located(before.insight(file).tensors, file.path) }
  }

  mutating func compare(_ pair: FileChanges.Pair) -> VersionDiff.ChangedFile {
    let from = before.insight(pair.from)
    let to = after.insight(pair.to)
    func changed(_ problem: String? = nil) -> VersionDiff.ChangedFile {
      VersionDiff.ChangedFile(from: pair.from, to: pair.to, problem: problem)
    }
    if let problem = from.problem { return changed("the first version's file: \(problem)") }
    if let problem = to.problem { return changed("the second version's file: \(problem)") }
    guard !from.tensors.isEmpty || !to.tensors.isEmpty else { return changed() }
    let found = tensors
    do {
      try compare(TensorPairs(from: from.tensors, to: to.tensors), from, to, pair)
      return changed()
    } catch {
      tensors = found  // half a comparison would look like a whole one
      return changed((error as? RegistryError)?.message ?? "\(error)")
    }
  }

  private mutating func compare(
    _ pairs: TensorPairs, _ from: FileInsight, _ to: FileInsight, _ files: FileChanges.Pair
  ) throws {
    tensors.added += Self.located(pairs.added, to.path)
    tensors.removed += Self.located(pairs.removed, from.path)
    guard !pairs.common.isEmpty else { return }
    let (left, right) = (try source(from, files.from), try source(to, files.to))
    for pair in pairs.common {
      let outcome = pair.isAlike ? try comparison.compare(pair, left, right) : .different(largest: nil)
      switch outcome {
      case .same: tensors.unchanged += 1
      case .different(let largest):
        tensors.changed.append(
          TensorChange(path: from.path, from: pair.from, to: pair.to, largestDifference: largest))
      }
    }
  }

  private func source(_ insight: FileInsight, _ file: Manifest.File) throws -> any TensorSource {
    insight.format == .npz
      ? ZippedTensorSource(blobs, file.digest)
      : try PlainTensorSource(blobs.open(file.digest), insight.format)
  }

  private static func located(_ tensors: [Tensor], _ path: RelativePath) -> [VersionDiff.Located] {
    tensors.map { VersionDiff.Located(path: path, tensor: $0) }
  }
}
