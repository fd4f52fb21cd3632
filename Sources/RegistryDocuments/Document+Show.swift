package import ModelRegistry
package import RegistryModel

/// The JSON of one version, with its manifest and what is in its files.
extension Document {
  package static func shown(
    _ summary: VersionSummary, _ manifest: Manifest, _ files: [FileInsight]
  ) -> JSONValue {
    var fields = manifest.json.asObject ?? [:]
    fields.merge(version(summary).asObject ?? [:]) { mine, _ in mine }
    fields["formats"] = .array(files.map(format))
    fields["tensors"] = .array(files.flatMap { file in file.tensors.map { tensor($0, of: file.path) } })
    return .object(fields)
  }
}
