import DurableFiles
import Glibc
public import RegistryModel

/// A tensor of one file that is another one in the file under the same path of another version.
public struct TensorChange: Hashable, Sendable {
  public let path: RelativePath
  public let from: Tensor
  public let to: Tensor
  /// The largest absolute difference of two numbers at the same place; infinite where one of them is infinite or no
  /// number (NaN) and the other is not. Nil where dtype or shape changed, and where the elements are no F16, BF16,
  /// F32 or F64.
  public let largestDifference: Double?

  public var name: String { from.name }
}

/// Compares the elements of tensors that have the same dtype and shape.
///
/// Memory: two buffers of 1 MiB, whatever the tensors' size.
final class TensorComparison {
  private let left = ReadableFile.alignedBuffer(byteCount: BlobStore.chunkBytes)
  private let right = ReadableFile.alignedBuffer(byteCount: BlobStore.chunkBytes)

  deinit {
    left.deallocate()
    right.deallocate()
  }

  /// How two tensors differ.
  enum Outcome: Hashable {
    case same
    case different(largest: Double?)
  }

  func compare(_ pair: TensorPairs.Pair, _ from: any TensorSource, _ to: any TensorSource) throws -> Outcome {
    try from.open(pair.from)
    try to.open(pair.to)
    let format = FloatFormat(dtype: pair.from.dtype)
    var differs = false
    var largest = 0.0
    while true {
      let count = try from.fill(left)
      guard try to.fill(right) == count else { throw TensorSourceError.shorter }
      if count == 0 { break }
      let a = UnsafeRawBufferPointer(rebasing: left[..<count])
      let b = UnsafeRawBufferPointer(rebasing: right[..<count])
      guard !Self.areEqual(a, b) else { continue }
      differs = true
      guard let format else { break }
      guard count % format.bytes == 0 else { throw TensorSourceError.shorter }
      largest = max(largest, format.largestDifference(a, b))
    }
    return differs ? .different(largest: format == nil ? nil : largest) : .same
  }

  private static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard let x = a.baseAddress, let y = b.baseAddress else { return a.count == b.count }
    return a.count == b.count && memcmp(x, y, a.count) == 0
  }
}
