// The JSON of the header is read field by field and never held as a tree, which would take many times its size.

extension JSONParser {
  /// Reads the header of a safetensors file to its end.
  mutating func safetensors() throws(RegistryError) -> (tensors: [Tensor], metadata: [String: String]) {
    var tensors: [Tensor] = []
    var names: Set<String> = []
    var metadata: [String: String]?
    try object { (parser, name, position) throws(RegistryError) in
      if name == "__metadata__" {
        guard metadata == nil else { throw parser.error("__metadata__ occurs twice", at: position) }
        metadata = try parser.texts()
        return
      }
      guard names.insert(name).inserted else {
        throw parser.error("the tensor \(name.quoted) occurs twice", at: position)
      }
      guard tensors.count < Tensor.Limits.tensors else {
        throw SafetensorsHeader.malformed("the header has more than \(Tensor.Limits.tensors) tensors")
      }
      tensors.append(try parser.tensor(name))
    }
    skipWhitespace()
    guard next == nil else { throw error("something follows the header") }
    return (tensors, metadata ?? [:])
  }

  /// Reads an object, and has each value read by `field`, which gets the key and where that stands.
  private mutating func object(
    _ field: (inout JSONParser, String, Int) throws(RegistryError) -> Void
  ) throws(RegistryError) {
    skipWhitespace()
    guard take(UInt8(ascii: "{")) else { throw error("an object is needed") }
    skipWhitespace()
    if take(UInt8(ascii: "}")) { return }
    while true {
      skipWhitespace()
      let start = position
      let key = try text()
      skipWhitespace()
      guard take(UInt8(ascii: ":")) else { throw error("a colon is missing") }
      try field(&self, key, start)
      skipWhitespace()
      if take(UInt8(ascii: "}")) { return }
      guard take(UInt8(ascii: ",")) else { throw error("a comma or } is missing") }
    }
  }

  private mutating func texts() throws(RegistryError) -> [String: String] {
    var texts: [String: String] = [:]
    try object { (parser, key, position) throws(RegistryError) in
      guard texts.updateValue(try parser.text(), forKey: key) == nil else {
        throw parser.error("the key \(key.quoted) occurs twice", at: position)
      }
    }
    return texts
  }

  private mutating func tensor(_ name: String) throws(RegistryError) -> Tensor {
    var dtype: String?
    var shape: [Int64]?
    var offsets: [Int64]?
    try object { (parser, key, position) throws(RegistryError) in
      let isNew =
        switch key {
        case "dtype": dtype == nil
        case "shape": shape == nil
        case "data_offsets": offsets == nil
        default:
          throw parser.error("the tensor \(name.quoted) has the unknown field \(key.quoted)", at: position)
        }
      guard isNew else { throw parser.error("the field \(key.quoted) occurs twice", at: position) }
      switch key {
      case "dtype": dtype = try parser.text()
      case "shape": shape = try parser.integers(atMost: Tensor.Limits.dimensions)
      default: offsets = try parser.integers(atMost: 2)
      }
    }
    guard let dtype, let shape, let offsets else {
      throw error("the tensor \(name.quoted) lacks its dtype, shape or data_offsets")
    }
    return try Self.tensor(name, dtype, shape, offsets)
  }

  private static func tensor(
    _ name: String, _ dtype: String, _ shape: [Int64], _ offsets: [Int64]
  ) throws(RegistryError) -> Tensor {
    let what = "the tensor \(name.quoted)"
    guard let bits = SafetensorsHeader.elementBits[dtype] else {
      throw SafetensorsHeader.malformed("\(what) has the unknown dtype \(dtype.quoted)")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw SafetensorsHeader.malformed("\(what) has offsets that are no beginning and end")
    }
    guard let size = Tensor.bytes(shape: shape, elementBits: bits) else {
      throw SafetensorsHeader.malformed("\(what) has a shape whose size overflows")
    }
    guard size.isWhole, size.bytes == offsets[1] - offsets[0] else {
      throw SafetensorsHeader.malformed(
        "\(what) has \(offsets[1] - offsets[0]) bytes, and its dtype and shape make \(size.bytes)")
    }
    return Tensor(name: name, dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
  }

  private mutating func text() throws(RegistryError) -> String {
    skipWhitespace()
    guard next == UInt8(ascii: "\"") else { throw error("a string is needed") }
    return try string()
  }

  /// Reads an array of at most so many integers, each 0 to 2^53 - 1 and written with digits only.
  private mutating func integers(atMost limit: Int) throws(RegistryError) -> [Int64] {
    skipWhitespace()
    guard take(UInt8(ascii: "[")) else { throw error("an array is needed") }
    var integers: [Int64] = []
    skipWhitespace()
    if take(UInt8(ascii: "]")) { return integers }
    while true {
      guard integers.count < limit else { throw error("the array is longer than \(limit)") }
      integers.append(try integer())
      skipWhitespace()
      if take(UInt8(ascii: "]")) { return integers }
      guard take(UInt8(ascii: ",")) else { throw error("a comma or ] is missing") }
    }
  }

  private mutating func integer() throws(RegistryError) -> Int64 {
    skipWhitespace()
    let start = position
    guard let byte = next, byte.isASCIIDigit else { throw error("a number without a sign is needed") }
    let value = JSONValue.number(try number())
    guard bytes[start..<position].allSatisfy(\.isASCIIDigit), let integer = value.asInt else {
      throw error("an integer from 0 to 2^53 - 1 is needed", at: start)
    }
    return integer
  }
}

extension SafetensorsHeader {
  /// The dtypes of the format, and how many bits an element has. The smallest ones are packed.
  static let elementBits: [String: Int64] = [
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32,
    "F32": 32, "I64": 64, "U64": 64, "F64": 64, "C64": 64,
  ]
}
