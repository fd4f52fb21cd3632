/// A value as Python writes it, restricted to what the header of an npy file may hold.
///
/// The header of npy is a literal of Python, and most readers hand it to an evaluator. Here a parser of nothing but
/// texts, integers, `True`, `False`, `None`, tuples, lists and dictionaries reads it.
enum PythonLiteral: Hashable {
  case none
  case bool(Bool)
  case integer(Int64)
  case text(String)
  case tuple([PythonLiteral])
  case list([PythonLiteral])
  /// The fields in their order.
  case dictionary([Field])

  struct Field: Hashable {
    let key: String
    let value: PythonLiteral
    /// The characters that write the value.
    let written: String
  }
}

/// Reads one literal and nothing else; hostile text can stop it with an error, and nothing else.
struct PythonLiteralParser {
  private static let maximumDepth = 16
  private static let maximumKeys = 16

  private let scalars: [Unicode.Scalar]
  private var position = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  mutating func document() throws(RegistryError) -> PythonLiteral {
    let value = try value(depth: 0)
    skipSpace()
    guard next == nil else { throw problem("something follows the header") }
    return value
  }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func skipSpace() {
    while let scalar = next, scalar == " " || scalar == "\n" || scalar == "\t" || scalar == "\r" {
      position += 1
    }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(RegistryError) -> PythonLiteral {
    guard depth < Self.maximumDepth else { throw problem("the nesting is too deep") }
    skipSpace()
    switch next {
    case "{": return .dictionary(try fields(depth: depth))
    case "[": return .list(try elements(to: "]", depth: depth).values)
    case "(":
      let (values, hasComma) = try elements(to: ")", depth: depth)
      // In Python a comma makes a tuple, and brackets alone do nothing.
      return values.count == 1 && !hasComma ? values[0] : .tuple(values)
    case "'", "\"": return .text(try text())
    case "T": return try word("True", .bool(true))
    case "F": return try word("False", .bool(false))
    case "N": return try word("None", .none)
    default: return .integer(try integer())
    }
  }

  private mutating func word(_ word: String, _ value: PythonLiteral) throws(RegistryError) -> PythonLiteral {
    guard scalars[position...].starts(with: word.unicodeScalars) else {
      throw problem("no value starts like this")
    }
    position += word.unicodeScalars.count
    return value
  }

  private mutating func integer() throws(RegistryError) -> Int64 {
    let start = position
    var value: Int64 = 0
    while let scalar = next, "0"..."9" ~= scalar {
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      value = product &+ Int64(scalar.value - 48)
      guard !overflows, JSONValue.safeIntegers ~= value else { throw problem("a number is too large") }
      position += 1
    }
    guard position > start else { throw problem("no value starts like this") }
    if next == "L" { position += 1 }  // Python 2 marked long integers
    return value
  }

  private mutating func text() throws(RegistryError) -> String {
    let quote = scalars[position]
    position += 1
    var text = String.UnicodeScalarView()
    while let scalar = next {
      position += 1
      if scalar == quote { return String(text) }
      guard scalar == "\\" else {
        text.append(scalar)
        continue
      }
      guard let escaped = next, ["\\", "'", "\""].contains(escaped) else {
        throw problem("there is no such escape")
      }
      text.append(escaped)
      position += 1
    }
    throw problem("a text does not end")
  }

  private mutating func elements(
    to end: Unicode.Scalar, depth: Int
  ) throws(RegistryError) -> (values: [PythonLiteral], hasComma: Bool) {
    position += 1
    var values: [PythonLiteral] = []
    var hasComma = false
    while !take(end) {
      guard values.isEmpty || hasComma else { throw problem("a comma or a closing bracket is missing") }
      values.append(try value(depth: depth + 1))
      hasComma = take(",")
    }
    return (values, hasComma)
  }

  private mutating func fields(depth: Int) throws(RegistryError) -> [PythonLiteral.Field] {
    position += 1
    var fields: [PythonLiteral.Field] = []
    var hasComma = true
    while !take("}") {
      guard hasComma else { throw problem("a comma or } is missing") }
      guard next == "'" || next == "\"" else { throw problem("a key in quotes is missing") }
      let key = try text()
      guard !fields.contains(where: { $0.key == key }) else {
        throw problem("the key \(key.quoted) occurs twice")
      }
      guard fields.count < Self.maximumKeys else { throw problem("the dictionary has too many keys") }
      guard take(":") else { throw problem("a colon is missing") }
      skipSpace()
      let start = position
      let value = try value(depth: depth + 1)
      var written = String.UnicodeScalarView()
      written.append(contentsOf: scalars[start..<position])
      fields.append(PythonLiteral.Field(key: key, value: value, written: String(written)))
      hasComma = take(",")
    }
    return fields
  }

  private func problem(_ what: String) -> RegistryError {
    NpyHeader.malformed("malformed header at character \(position): \(what)")
  }
}
