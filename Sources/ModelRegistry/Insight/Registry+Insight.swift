public import RegistryModel

extension Registry {
  /// What is in the files of a version: their formats, their tensors, and which of them run code when loaded.
  ///
  /// Reads the beginnings of the blobs and changes nothing. A file that is malformed, damaged or not here is a
  /// ``FileInsight/problem`` and no error; bytes are not checked against digests, which `verify` does.
  /// - Throws: `notFound` where there is no such version.
  public func insight(of reference: Reference) throws(RegistryError) -> VersionInsight {
    try reporting("look into \(reference)") {
      let record = try resolve(reference)
      var reader = InsightReader(blobs)
      let files = try index().read { try $0.files(of: record.id) }
      return VersionInsight(version: record.version, files: files.map { reader.insight($0) })
    }
  }
}
