public import RegistryModel

extension StorageClient {
  public func read(
    _ info: ObjectInfo, from offset: Int64, into sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard 0...info.bytes ~= offset else {
      throw RegistryError(
        .integrity, "\(label(info.name)) has \(info.bytes) bytes, and \(offset) are here already",
        hint: "remove the partial copy, then run it again")
    }
    let address = try endpoint.media(
      location.bucket, location.objectName(info.name.text), generation: info.generation)
    try Download(self, info, address, from: offset).run(into: sink)
  }
}
