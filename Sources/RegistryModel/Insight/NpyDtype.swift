/// The type of an element of a NumPy array: how many bytes it has, and whether it is or holds an object.
///
/// A text such as `<f4`, `|S10` or `<M8[ns]`: byte order, kind, size, and a unit for times. Or a list of fields, each
/// `(name, type)` or `(name, type, shape)`, where a name may be a pair of title and name.
struct NpyDtype: Hashable {
  let elementBytes: Int64
  let holdsObjects: Bool

  init(_ descr: PythonLiteral) throws(RegistryError) {
    switch descr {
    case .text(let code): try self.init(code: code)
    case .list(let fields): try self.init(fields: fields)
    default: throw NpyHeader.malformed("descr is neither a text nor a list of fields")
    }
  }

  /// The bytes of an array of such elements.
  func bytes(_ shape: [Int64]) throws(RegistryError) -> Int64 {
    let bits = elementBytes.multipliedReportingOverflow(by: 8)
    guard !bits.overflow, let size = Tensor.bytes(shape: shape, elementBits: bits.partialValue) else {
      throw NpyHeader.malformed("the size of the shape overflows")
    }
    return size.bytes
  }

  private init(code: String) throws(RegistryError) {
    let unknown = NpyHeader.malformed("the dtype \(code.quoted) is unknown")
    var rest = code.utf8[...]
    if let order = rest.first, "<>|=".utf8.contains(order) { rest.removeFirst() }
    guard let kind = rest.first, "?bBiufcmMOSaUV".utf8.contains(kind) else { throw unknown }
    rest.removeFirst()
    let digits = rest.prefix(while: \.isASCIIDigit)
    let unit = rest.dropFirst(digits.count)
    let isTime = kind == UInt8(ascii: "m") || kind == UInt8(ascii: "M")
    let hasUnit = unit.first == UInt8(ascii: "[") && unit.last == UInt8(ascii: "]")
    guard unit.isEmpty || (isTime && hasUnit) else { throw unknown }
    holdsObjects = kind == UInt8(ascii: "O")
    if digits.isEmpty {
      guard holdsObjects || kind == UInt8(ascii: "?") else { throw unknown }
      elementBytes = holdsObjects ? 8 : 1
      return
    }
    guard let size = Int64(String(Substring(digits))), size <= Int64(Int32.max) else { throw unknown }
    let isNumber = "biufcmM".utf8.contains(kind)
    guard !isNumber || [1, 2, 4, 8, 12, 16, 24, 32].contains(size) else { throw unknown }
    elementBytes = kind == UInt8(ascii: "U") ? size * 4 : size
  }

  private init(fields: [PythonLiteral]) throws(RegistryError) {
    var bytes: Int64 = 0
    var objects = false
    for field in fields {
      guard case .tuple(let parts) = field, 2...3 ~= parts.count, Self.isName(parts[0]) else {
        throw NpyHeader.malformed("a field of descr is no name with a type")
      }
      let type = try NpyDtype(parts[1])
      var shape: [Int64] = []
      if parts.count == 3 {
        switch parts[2] {
        case .tuple(let lengths): shape = try NpyHeader.shape(lengths)
        case .integer(let length): shape = [length]
        default: throw NpyHeader.malformed("a field of descr has no shape")
        }
      }
      let sum = bytes.addingReportingOverflow(try type.bytes(shape))
      guard !sum.overflow else { throw NpyHeader.malformed("the size of the dtype overflows") }
      bytes = sum.partialValue
      objects = objects || type.holdsObjects
    }
    elementBytes = bytes
    holdsObjects = objects
  }

  private static func isName(_ part: PythonLiteral) -> Bool {
    switch part {
    case .text: true
    case .tuple(let pair): pair.count == 2
    default: false
    }
  }
}
