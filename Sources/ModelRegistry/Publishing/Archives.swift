import DurableFiles
import RegistryModel

/// The episode archives that a version was trained on, as `--archive` names them: a digest, an archive's file, or
/// the archive's own manifest, which is kept as a blob and travels with the version.
struct Archives {
  let registry: Registry
  let operation: Operation

  struct Staged {
    var references: [Manifest.ArchiveReference] = []
    var staged: [StagedBlob] = []
  }

  func stage(_ names: [String]) throws -> Staged {
    var result = Staged()
    for name in names {
      if let digest = try? Digest(parsing: name) {
        result.references.append(Manifest.ArchiveReference(digest: digest, manifest: nil))
      } else {
        try stageFile(name, into: &result)
      }
    }
    result.references.sort { $0.digest < $1.digest }
    return result
  }

  private func stageFile(_ path: String, into result: inout Staged) throws {
    let sources = try SourceScan.files(at: [path])
    guard sources.count == 1, let source = sources.first else {
      throw RegistryError(
        .usage, "\(path.quoted) is a folder, not an archive", hint: "name one archive's file")
    }
    guard source.name.hasSuffix(".json") else {
      let digest = try Hashing.digest(of: source.folder.openFile(source.name)) { _ in
        try operation.meter.check()
      }.digest
      result.references.append(Manifest.ArchiveReference(digest: digest, manifest: nil))
      return
    }
    let bytes = try source.folder.readSmallFile(source.name, limit: JSONLimits.standard.maximumBytes)
    let manifest = try ArchiveManifest(parsing: bytes)
    let blob = try registry.blobs.stage(bytes, in: operation)
    result.staged.append(blob)
    result.references.append(Manifest.ArchiveReference(digest: manifest.archive, manifest: blob.digest))
  }
}
