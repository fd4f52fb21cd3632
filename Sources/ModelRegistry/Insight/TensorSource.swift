import DurableFiles
import RegistryModel

/// Hands out the elements of a file's tensors, one tensor after the other and each from its beginning.
protocol TensorSource: AnyObject {
  /// Goes to the first byte of a tensor's elements.
  func open(_ tensor: Tensor) throws
  /// Fills the buffer with what comes next of it; fewer bytes than fit only at its end.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// The tensors of a safetensors or npy file, whose elements lie there as they are.
final class PlainTensorSource: TensorSource {
  private let file: ReadableFile
  private let dataOffset: Int64
  private var next: Int64 = 0
  private var end: Int64 = 0

  /// - Parameter format: `safetensors`, or `npy`.
  init(_ file: ReadableFile, _ format: FileFormat) throws {
    self.file = file
    if format == .npy {
      dataOffset = Int64(try NpyHeader.length(prefix: file.bytes(at: 0, count: NpyHeader.prefixBytes)))
    } else {
      let prefix = try file.bytes(at: 0, count: SafetensorsHeader.lengthBytes)
      let length = try SafetensorsHeader.length(prefix: prefix, fileBytes: file.size)
      dataOffset = Int64(SafetensorsHeader.lengthBytes + length)
    }
  }

  func open(_ tensor: Tensor) {
    next = dataOffset + tensor.range.lowerBound
    end = dataOffset + tensor.range.upperBound
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = Int(min(Int64(buffer.count), end - next))
    let count = try file.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), from: next)
    guard count == wanted else { throw TensorSourceError.shorter }
    next += Int64(count)
    return count
  }
}

/// The arrays of an npz file, unpacked as they are read.
///
/// The zip is read forward; an array that lies before the last one starts it again. Arrays that are asked for in the
/// order of the file cost one pass.
final class ZippedTensorSource: TensorSource {
  private let blobs: BlobStore
  private let digest: Digest
  private var zip: ArchiveStream?
  private let prefix = ReadableFile.alignedBuffer(byteCount: NpyHeader.prefixBytes + NpyHeader.maximumBytes)

  init(_ blobs: BlobStore, _ digest: Digest) {
    self.blobs = blobs
    self.digest = digest
  }

  deinit { prefix.deallocate() }

  func open(_ tensor: Tensor) throws {
    if let zip, try find(tensor, in: zip) { return }
    let zip = try ArchiveStream(blobs.open(digest), blockBytes: ZipInsight.blockBytes)
    self.zip = zip
    guard try find(tensor, in: zip) else { throw TensorSourceError.shorter }
  }

  private func find(_ tensor: Tensor, in zip: ArchiveStream) throws -> Bool {
    while let entry = try zip.next() {
      guard entry.kind == .file, InsightReader.arrayName(entry.name) == tensor.name else { continue }
      guard try zip.fill(prefix, to: NpyHeader.prefixBytes) == NpyHeader.prefixBytes else {
        throw TensorSourceError.shorter
      }
      let rest = try NpyHeader.length(prefix: Array(prefix[..<NpyHeader.prefixBytes])) - NpyHeader.prefixBytes
      guard rest >= 0, try zip.fill(prefix, to: rest) == rest else { throw TensorSourceError.shorter }
      return true
    }
    return false
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try zip?.fill(buffer, to: buffer.count) ?? 0
  }
}

/// A file ends before its header said.
enum TensorSourceError: Error, CustomStringConvertible {
  case shorter

  var description: String { "it ends before its header says" }
}
