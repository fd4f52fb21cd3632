public import RegistryModel

extension StorageClient {
  public func replace(
    _ name: RelativePath, with bytes: [UInt8], ifGeneration generation: Int64
  ) throws(RegistryError) -> ObjectInfo? {
    let action = "write \(label(name))"
    let insertion: Insertion
    do {
      insertion = try insert(name, DocumentSource(bytes), [:], ifGeneration: generation, action)
    } catch {
      throw error as? RegistryError ?? malformed(action, "\(error)")
    }
    if let info = insertion.info { return info }
    // An earlier try may have been carried out, and its answer lost.
    guard insertion.isAmbiguous, let info = try info(name), info.generation > generation,
      info.bytes == bytes.count, info.crc32c == insertion.crc32c
    else { return nil }
    return info
  }
}
