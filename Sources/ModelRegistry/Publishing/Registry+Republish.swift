import DurableFiles
public import RegistryModel

extension Registry {
  /// Gives the content of a version a new number: the same files, lineage and words, made now. No bytes are copied.
  ///
  /// Always makes a version, and it is installed and durable when this returns. For the loser of two producers that
  /// took one number, and for a good old version that should be the newest again.
  /// - Throws: `refused` when the number is taken; `notFound` or `integrity` where bytes of the version are not here
  ///   or not good.
  @discardableResult
  public func republish(_ reference: Reference, number: Int? = nil) throws(RegistryError) -> PublishResult {
    try reporting("publish \(reference) again", unchanged: "no version was made") {
      let index = try index()
      let record = try resolve(reference)
      let manifest = try manifest(of: record)
      for file in manifest.files { try requireGood(file, of: record.version, index) }
      let files = manifest.files.map { ($0.digest, $0.bytes) }
      let attached = try index.read { try $0.attachments(of: record) }
      let staged = (files + attached).map { StagedBlob(digest: $0.0, bytes: $0.1, isReused: true) }
      let operation = try Operation("publish", in: store, waitingAtMost: patience)
      defer { operation.finish() }
      let createdAt = clock.now()
      let draft = { @Sendable (number: Int) throws in
        try Manifest(
          adapter: manifest.adapter, number: number, createdAt: createdAt, modelType: manifest.modelType,
          framework: manifest.framework, files: manifest.files, base: manifest.base, job: manifest.job,
          archives: manifest.archives, metrics: manifest.metrics, requires: manifest.requires,
          note: manifest.note, origin: manifest.origin)
      }
      do {
        return try Publication(
          registry: self, index: index, operation: operation, draft: draft, number: number,
          adapter: manifest.adapter, staged: staged, reusedBytes: manifest.totalBytes, adoptsExisting: false
        ).commit()
      } catch let error as UnusableBlob {
        throw RegistryError(
          .notFound, "blob \(error.digest.short) of \(record.version) is not here or not good",
          hint: "publish the files themselves")
      }
    }
  }
}
