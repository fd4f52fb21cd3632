/// A recursive-descent reader of one JSON document.
///
/// Works on an array with checked subscripts: hostile bytes can stop it with an error, and nothing else. Strings and
/// numbers are in `JSONParser+String.swift` and `JSONParser+Number.swift`.
struct JSONParser {
  let bytes: [UInt8]
  /// The offset of the next byte to read.
  var position = 0
  private let maximumDepth: Int
  private var restOfValues: Int

  init(_ bytes: [UInt8], _ limits: JSONLimits) {
    self.bytes = bytes
    maximumDepth = limits.maximumDepth
    restOfValues = limits.maximumValues
  }

  /// The next byte, nil at the end.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func document() throws(RegistryError) -> JSONValue {
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw error("a byte order mark is not allowed") }
    let value = try value(depth: 0)
    skipWhitespace()
    if next != nil { throw error("something follows the document") }
    return value
  }

  private mutating func value(depth: Int) throws(RegistryError) -> JSONValue {
    skipWhitespace()
    guard let byte = next else { throw error("a value is missing") }
    restOfValues -= 1
    guard restOfValues >= 0 else { throw error("there are too many values") }
    switch byte {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw error("no value starts like this")
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(RegistryError) -> JSONValue {
    let end = position + text.utf8CodeUnitCount
    guard end <= bytes.count, bytes[position..<end].elementsEqual("\(text)".utf8) else {
      throw error("no value starts like this")
    }
    position = end
    return value
  }

  private mutating func elements(depth: Int) throws(RegistryError) -> [JSONValue] {
    try enter(depth)
    var elements: [JSONValue] = []
    skipWhitespace()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try value(depth: depth + 1))
      skipWhitespace()
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else { throw error("a comma or ] is missing") }
    }
  }

  private mutating func members(depth: Int) throws(RegistryError) -> [String: JSONValue] {
    try enter(depth)
    var members: [String: JSONValue] = [:]
    skipWhitespace()
    if take(UInt8(ascii: "}")) { return members }
    while true {
      skipWhitespace()
      let keyPosition = position
      guard next == UInt8(ascii: "\"") else { throw error("a key in quotes is missing") }
      let key = try string()
      skipWhitespace()
      guard take(UInt8(ascii: ":")) else { throw error("a colon is missing") }
      let value = try value(depth: depth + 1)
      guard members.updateValue(value, forKey: key) == nil else {
        throw error("the key \(key.quoted) occurs twice, or twice but for normalisation", at: keyPosition)
      }
      skipWhitespace()
      if take(UInt8(ascii: "}")) { return members }
      guard take(UInt8(ascii: ",")) else { throw error("a comma or } is missing") }
    }
  }

  /// Steps over the bracket that opens an array or object.
  private mutating func enter(_ depth: Int) throws(RegistryError) {
    guard depth < maximumDepth else { throw error("the nesting is deeper than \(maximumDepth) levels") }
    position += 1
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func skipWhitespace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  func error(_ problem: String, at offset: Int? = nil) -> RegistryError {
    RegistryError(
      .integrity, "malformed JSON at byte \(offset ?? position): \(problem)",
      hint: "correct the document, or get it again from where it came from")
  }
}
