/// Files of weights as other programs write them, byte by byte.
public enum Weights {
  public struct Array: Sendable {
    public var name: String
    public var dtype: String
    public var shape: [Int]
    public var bytes: [UInt8]

    public init(_ name: String, _ dtype: String, _ shape: [Int], _ bytes: [UInt8]) {
      self.name = name
      self.dtype = dtype
      self.shape = shape
      self.bytes = bytes
    }

    /// Numbers in single precision, of dtype `F32` for safetensors or `<f4` for npy.
    public init(_ name: String, _ numbers: [Float], dtype: String = "F32") {
      self.init(name, dtype, [numbers.count], numbers.flatMap { Weights.little($0.bitPattern) })
    }
  }

  public static func safetensors(_ arrays: [Array]) -> [UInt8] {
    var data: [UInt8] = []
    let fields = arrays.map { array in
      defer { data += array.bytes }
      return "\"\(array.name)\":{\"dtype\":\"\(array.dtype)\",\"shape\":\(array.shape),"
        + "\"data_offsets\":[\(data.count),\(data.count + array.bytes.count)]}"
    }
    let json = "{\(fields.joined(separator: ","))}"
    return little(UInt64(json.utf8.count)) + Swift.Array(json.utf8) + data
  }

  public static func npy(_ array: Array, isColumnMajor: Bool = false) -> [UInt8] {
    let shape = array.shape.map { "\($0), " }.joined()
    let order = isColumnMajor ? "True" : "False"
    let header = "{'descr': '\(array.dtype)', 'fortran_order': \(order), 'shape': (\(shape)), }\n"
    return [0x93] + Swift.Array("NUMPY".utf8) + [1, 0] + little(UInt16(header.utf8.count))
      + Swift.Array(header.utf8) + array.bytes
  }

  public static func npz(_ arrays: [Array]) -> [UInt8] { zip(arrays.map { ("\($0.name).npy", npy($0)) }) }

  /// A zip of entries that are stored as they are (PKWARE's APPNOTE, 4.3).
  public static func zip(_ entries: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in entries {
      let common =
        little(UInt16(20)) + Swift.Array(repeating: 0, count: 8) + little(crc32(bytes))
        + little(UInt32(bytes.count)) + little(UInt32(bytes.count)) + little(UInt16(name.utf8.count)) + [
          0, 0,
        ]
      directory +=
        little(UInt32(0x0201_4b50)) + little(UInt16(20)) + common + Swift.Array(repeating: 0, count: 10)
        + little(UInt32(file.count)) + Swift.Array(name.utf8)
      file += little(UInt32(0x0403_4b50)) + common + Swift.Array(name.utf8) + bytes
    }
    let count = little(UInt16(entries.count))
    return file + directory + little(UInt32(0x0605_4b50)) + [0, 0, 0, 0] + count + count
      + little(UInt32(directory.count)) + little(UInt32(file.count)) + [0, 0]
  }

  /// The bytes of an integer, least significant first.
  public static func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Swift.Array($0) }
  }

  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
    }
  }
}
