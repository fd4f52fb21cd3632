/// The header of an npy file, or of an entry of npz: one array of NumPy.
///
/// The format (numpy.org, `numpy.lib.format`): the bytes 0x93 `NUMPY`, the version's two bytes, the length of what
/// follows (2 bytes, from version 2 on 4, little-endian), and a literal of Python, in Latin-1 (from version 3 on in
/// UTF-8): `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`. Then the elements, packed; an array of
/// objects has a pickle there instead.
public struct NpyHeader: Hashable, Sendable {
  /// What an npy file begins with.
  public static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// As many bytes as tell how long the header is.
  public static let prefixBytes = 12
  /// The longest literal that is read: what version 1 can hold.
  public static let maximumBytes = 65_535

  /// `descr` as it is written, without quotes where it is a text: `<f4`, or `[('x', '<f4'), ('y', '<i4')]`.
  public let dtype: String
  /// The lengths of the dimensions, outermost first; empty for a single element.
  public let shape: [Int64]
  public let isColumnMajor: Bool
  /// Whether the elements are or have objects: they are in a pickle, which runs code when it is loaded.
  public let holdsObjects: Bool
  /// The bytes before the elements.
  public let headerBytes: Int
  /// The bytes of the elements; nil for objects.
  public let dataBytes: Int64?

  /// How many bytes stand before the elements.
  ///
  /// - Parameter prefix: the first ``prefixBytes`` bytes, or all where there are fewer.
  /// - Throws: `integrity` where no npy file begins like this.
  public static func length(prefix: [UInt8]) throws(RegistryError) -> Int {
    let (start, length) = try layout(prefix)
    return start + length
  }

  /// Reads the header that `bytes` begin with.
  ///
  /// - Throws: `integrity` where it breaks a rule of the format.
  public init(parsing bytes: [UInt8]) throws(RegistryError) {
    let (start, length) = try Self.layout(bytes)
    guard bytes.count >= start + length else { throw Self.malformed("the file ends within its header") }
    headerBytes = start + length
    let literal = bytes[start..<headerBytes]
    let text =
      bytes[6] >= 3
      ? String(validating: literal, as: UTF8.self)
      : String(String.UnicodeScalarView(literal.map { Unicode.Scalar($0) }))
    guard let text else { throw Self.malformed("the header is not UTF-8") }
    var parser = PythonLiteralParser(text)
    guard case .dictionary(let fields) = try parser.document() else {
      throw Self.malformed("the header is no dictionary")
    }
    guard Set(fields.map(\.key)) == ["descr", "fortran_order", "shape"],
      let descr = fields.first(where: { $0.key == "descr" }),
      case .bool(let order)? = fields.first(where: { $0.key == "fortran_order" })?.value,
      case .tuple(let lengths)? = fields.first(where: { $0.key == "shape" })?.value
    else { throw Self.malformed("the header is not made of descr, fortran_order and a shape") }
    shape = try Self.shape(lengths)
    isColumnMajor = order
    let type = try NpyDtype(descr.value)
    if case .text(let code) = descr.value { dtype = code } else { dtype = descr.written }
    holdsObjects = type.holdsObjects
    dataBytes = type.holdsObjects ? nil : try type.bytes(shape)
  }

  static func shape(_ lengths: [PythonLiteral]) throws(RegistryError) -> [Int64] {
    guard lengths.count <= Tensor.Limits.dimensions else {
      throw malformed("the shape has too many dimensions")
    }
    var shape: [Int64] = []
    for length in lengths {
      guard case .integer(let value) = length else { throw malformed("a length of the shape is no integer") }
      shape.append(value)
    }
    return shape
  }

  private static func layout(_ bytes: [UInt8]) throws(RegistryError) -> (start: Int, length: Int) {
    guard bytes.starts(with: magic) else { throw malformed("it does not begin as npy does") }
    guard bytes.count >= magic.count + 2 else { throw malformed("the file ends within its header") }
    guard 1...3 ~= bytes[6], bytes[7] == 0 else {
      throw malformed("version \(bytes[6]).\(bytes[7]) of npy is unknown")
    }
    let start = bytes[6] == 1 ? 10 : 12
    guard bytes.count >= start else { throw malformed("the file ends within its header") }
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= maximumBytes else {
      throw malformed("the header has \(length) bytes, and at most \(maximumBytes) are read here")
    }
    return (start, length)
  }

  static func malformed(_ problem: String) -> RegistryError {
    RegistryError(.integrity, problem, hint: "get the file again from its author")
  }
}
