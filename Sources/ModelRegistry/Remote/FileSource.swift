import DurableFiles
import RegistryModel

/// A file's bytes as the source of an upload.
struct FileSource: ObjectSource {
  let identity: Digest?
  private let file: ReadableFile

  init(_ file: ReadableFile, identity: Digest?) {
    self.file = file
    self.identity = identity
  }

  var bytes: Int64 { file.size }

  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try file.read(at: offset, into: buffer)
  }
}
