/// How numbers with a fraction are stored, so that two tensors can be compared number by number.
public enum FloatFormat: Hashable, Sendable {
  case half, brain, single, double

  /// The stored form that a dtype of safetensors or of a little-endian npy file names; nil for every other.
  public init?(dtype: String) {
    switch dtype {
    case "F16", "<f2", "=f2": self = .half
    case "BF16": self = .brain
    case "F32", "<f4", "=f4": self = .single
    case "F64", "<f8", "=f8": self = .double
    default: return nil
    }
  }

  /// How many bytes a number has.
  public var bytes: Int {
    switch self {
    case .half, .brain: 2
    case .single: 4
    case .double: 8
    }
  }

  /// The largest absolute difference between numbers at the same place; infinite where one is infinite or no number
  /// (NaN) and the other is not the same.
  ///
  /// - Precondition: both buffers have the same whole number of numbers.
  package func largestDifference(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Double {
    precondition(a.count == b.count && a.count % bytes == 0, "the buffers do not hold the same numbers")
    return switch self {
    case .half: Self.largest(a, b, UInt16.self) { Double(Float16(bitPattern: $0)) }
    case .brain: Self.largest(a, b, UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .single: Self.largest(a, b, UInt32.self) { Double(Float(bitPattern: $0)) }
    case .double: Self.largest(a, b, UInt64.self) { Double(bitPattern: $0) }
    }
  }

  @inline(__always)
  private static func largest<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, _: Bits.Type, _ number: (Bits) -> Double
  ) -> Double {
    var largest = 0.0
    for offset in stride(from: 0, to: a.count, by: MemoryLayout<Bits>.size) {
      let left = Bits(littleEndian: a.loadUnaligned(fromByteOffset: offset, as: Bits.self))
      let right = Bits(littleEndian: b.loadUnaligned(fromByteOffset: offset, as: Bits.self))
      if left == right { continue }
      let (x, y) = (number(left), number(right))
      if x.isNaN && y.isNaN { continue }
      let difference = (x - y).magnitude
      largest = difference.isNaN ? .infinity : max(largest, difference)
    }
    return largest
  }
}
