import DurableFiles
package import RegistryModel

/// A file of a version, open for whoever sends it on.
package struct OpenBlob: Sendable {
  package let version: VersionID
  package let path: RelativePath
  package let digest: Digest
  package let bytes: Int64
  private let file: ReadableFile

  init(_ version: VersionID, _ entry: Manifest.File, _ file: ReadableFile) {
    self.version = version
    path = entry.path
    digest = entry.digest
    bytes = entry.bytes
    self.file = file
  }

  /// Reads from an offset on; the number of bytes, 0 at the end.
  package func read(
    at offset: Int64, into buffer: UnsafeMutableRawBufferPointer
  ) throws(RegistryError) -> Int {
    try reporting("read \(path.text) of \(version)") { try file.read(at: offset, into: buffer) }
  }
}

extension Registry {
  /// Opens a file of a version from its blob, which is known to be good: by its stamp, by an earlier look, else by reading
  /// it whole, once.
  ///
  /// It stays readable when the blob is collected meanwhile.
  /// - Throws: `notFound` where the version has no such file, or its bytes aren't here; `integrity` where they are bad.
  package func openFile(
    _ path: RelativePath, of reference: Reference, _ known: VerifiedFiles
  ) throws(RegistryError) -> OpenBlob {
    try reporting("open \(path.text) of \(reference)") {
      let index = try index()
      let record = try resolve(reference)
      guard let entry = try index.read({ try $0.file(path, of: record.id) }) else {
        throw RegistryError(
          .notFound, "\(record.version) has no file \(path.text.quoted)",
          hint: "see `modelctl files \(record.version)`")
      }
      guard let blob = try index.read({ try $0.blob(entry.digest) }),
        let file = try openIfHere(entry.digest)
      else {
        throw RegistryError(
          .notFound, "the bytes of \(path.text.quoted) of \(record.version) are not here",
          hint: "install the version: `modelctl install \(record.version)`")
      }
      guard !blob.isDamaged, try isGood(file, entry, index, known) else { throw BlobStore.bad(entry.digest) }
      return OpenBlob(record.version, entry, file)
    }
  }

  /// How many blobs are recorded as bad.
  package func damagedBlobCount() throws(RegistryError) -> Int {
    try reporting("count the damaged blobs") { try index().read { try $0.damagedBlobs().count } }
  }

  private func openIfHere(_ digest: Digest) throws -> ReadableFile? {
    do {
      return try blobs.open(digest)
    } catch let error as FileError where error.isMissing {
      return nil
    }
  }

  private func isGood(
    _ file: ReadableFile, _ entry: Manifest.File, _ index: Index, _ known: VerifiedFiles
  ) throws -> Bool {
    guard file.size == entry.bytes else { return false }
    let status = try file.status()
    if try index.read({ try $0.isStamped(status, holding: entry.digest) }) { return true }
    if known.has(status, holding: entry.digest) { return true }
    guard try Hashing.agrees(file, entry.digest), try file.status() == status else { return false }
    known.add(status, holding: entry.digest)
    return true
  }
}
