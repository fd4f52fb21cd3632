/// One array of numbers in a file of weights, as the file's own header describes it.
public struct Tensor: Hashable, Sendable {
  /// The name within its file; an npy file's only array is named for the file.
  public let name: String
  /// The type of an element, in the words of the file's format: `F32` in safetensors, `<f4` in npy.
  public let dtype: String
  /// The lengths of the dimensions, outermost first; empty for a single number. Each is 0 to 2^53 - 1.
  public let shape: [Int64]
  /// Where its bytes lie, counted from the first byte behind the header that describes it.
  public let range: Range<Int64>
  /// Whether the first index runs fastest in memory, and not the last one: `fortran_order` of npy.
  public let isColumnMajor: Bool

  /// How many bytes its elements have.
  public var bytes: Int64 { range.upperBound - range.lowerBound }

  public init(
    name: String, dtype: String, shape: [Int64], range: Range<Int64>, isColumnMajor: Bool = false
  ) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
    self.range = range
    self.isColumnMajor = isColumnMajor
  }
}

extension Tensor {
  /// How much of the files of one version is looked at: what a hostile file can make a reader hold in memory.
  public enum Limits {
    /// The tensors of one version.
    public static let tensors = 65_536
    /// The dimensions of one tensor.
    public static let dimensions = 64
    /// The entries of one zip.
    public static let entries = 65_536
  }

  /// The number of bytes of an array, and whether it is a whole one; nil where it overflows.
  static func bytes(shape: [Int64], elementBits: Int64) -> (bytes: Int64, isWhole: Bool)? {
    var bits = elementBits
    for length in shape {
      let product = bits.multipliedReportingOverflow(by: length)
      guard !product.overflow else { return nil }
      bits = product.partialValue
    }
    return (bits / 8, bits % 8 == 0)
  }
}
