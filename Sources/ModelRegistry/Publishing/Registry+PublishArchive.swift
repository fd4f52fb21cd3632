import DurableFiles
package import RegistryModel

extension Registry {
  /// Makes a version of the files in a zip, tar or tar.gz, in one pass; the request's own paths are left out.
  ///
  /// As ``publish(_:progress:)`` otherwise, with the limits of an import: nothing is made of an archive with links, devices,
  /// paths that escape or occur twice, or that unpacks to a hundred times its size.
  package func publish(
    _ request: PublishRequest, contentsOf archive: String, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> PublishResult {
    try reporting("publish \(request.adapter.text)", unchanged: "no version was made") {
      let index = try index()
      let base = try request.base.map { try resolve($0) }
      let operation = try Operation(
        "publish", in: store, waitingAtMost: patience, meter: ProgressMeter(progress))
      defer { operation.finish() }
      let intake = ImportIntake(
        registry: self, index: index, operation: operation, reuses: false, groups: false,
        keepsDocuments: false)
      let source = try ArchiveIntake(intake: intake).stage(archive, name: "archive")
      guard !source.source.files.isEmpty else {
        throw RegistryError(.usage, "there is no file in the archive", hint: "put the model's files in")
      }
      let staged = try intake.marked(source.blobs)
      return try publish(
        request, source.source.files, staged.values.sorted { $0.digest < $1.digest }, base, operation, index)
    }
  }
}
