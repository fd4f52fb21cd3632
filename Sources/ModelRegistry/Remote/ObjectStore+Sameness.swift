import DurableFiles
import RegistryModel

extension ObjectStore {
  /// "It exists" is never taken for "it is complete": the store's own checksum must be that of our bytes; where it keeps
  /// none, its bytes are read.
  ///
  /// - Parameter file: ours, whose bytes are those of `digest`.
  /// - Throws: `integrity` where the object has other bytes.
  func requireSame(_ info: ObjectInfo, _ digest: Digest, _ file: ReadableFile, _ meter: ProgressMeter) throws
  {
    let isSame: Bool
    if info.bytes != file.size {
      isSame = false
    } else if let crc32c = info.crc32c {
      isSame = try Hashing.crc32c(of: file, meter) == crc32c
    } else {
      let hash = try SHA256()
      try read(info, from: 0) { piece in
        try hash.update(piece)
        try meter.check()
      }
      isSame = try hash.finish() == digest
    }
    guard isSame else {
      throw RegistryError(
        .integrity, "\(info.name.text) in \(uri) has other bytes than its name says",
        hint: "remove the object there, and run the command again")
    }
  }
}
