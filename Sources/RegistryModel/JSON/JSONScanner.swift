/// Checks JSON that comes in pieces, in constant memory, and counts what a caller wants to know of its outermost object.
///
/// As strict as ``JSONParser`` about syntax, encoding and nesting; it doesn't see duplicate keys but watched ones. For
/// documents that may be larger than memory: recorded episodes.
public struct JSONScanner: Sendable {
  /// What was found under a watched key of the outermost object.
  public struct Found: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case object, array, other }
    public var kind: Kind
    /// Elements of an array.
    public var count = 0
    /// How many of them are objects.
    public var objects = 0

    public init(kind: Kind, count: Int = 0, objects: Int = 0) {
      self.kind = kind
      self.count = count
      self.objects = objects
    }
  }

  /// Whether several documents may follow each other, one a line.
  private let takesLines: Bool
  private let watched: Set<String>
  private static let maximumDepth = JSONLimits.standard.maximumDepth
  private static let tokenBytes = 512

  public private(set) var found: [String: Found] = [:]
  /// Whole documents so far, and how many of them are objects.
  public private(set) var documents = 0
  public private(set) var objects = 0

  private enum Expected { case value, valueOrEnd, keyOrEnd, key, colon, commaOrEnd, nothing }
  private enum Inside { case none, string(isKey: Bool), escape(isKey: Bool), hex(Int, isKey: Bool), token }

  private var expected = Expected.value
  private var inside = Inside.none
  /// Whether each open bracket is an object's.
  private var open: [Bool] = []
  private var offset: Int64 = 0
  private var token: [UInt8] = []
  private var utf8 = UTF8Check()
  /// The key of the outermost object whose value comes, where it is watched.
  private var key: String?

  public init(watching keys: Set<String> = [], lines: Bool = false) {
    watched = keys
    takesLines = lines
  }

  /// - Throws: `integrity`, naming the byte.
  public mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(RegistryError) {
    var index = 0
    while index < bytes.count {
      if case .string(let isKey) = inside, utf8.isComplete, !(isKey && open.count == 1) {
        // Most bytes are plain text in a string.
        let start = index
        while index < bytes.count, Self.isPlain(bytes[index]) { index += 1 }
        offset += Int64(index - start)
        if index == bytes.count { return }
      }
      try take(bytes[index])
      offset += 1
      index += 1
    }
  }

  /// - Throws: `integrity` where the document isn't at its end.
  public mutating func finish() throws(RegistryError) {
    if case .token = inside { try endToken() }
    guard case .none = inside, utf8.isComplete, open.isEmpty, documents > 0 || takesLines,
      expected == .nothing || (takesLines && expected == .value)
    else { throw problem("it ends in the middle") }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func take(_ byte: UInt8) throws(RegistryError) {
    switch inside {
    case .none: try takeBetween(byte)
    case .token:
      if Self.isToken(byte) {
        token.append(byte)
        guard token.count <= Self.tokenBytes else { throw problem("a number is too long") }
      } else {
        try endToken()
        try takeBetween(byte)
      }
    case .string(let isKey): try takeString(byte, isKey)
    case .escape(let isKey):
      if byte == UInt8(ascii: "u") {
        inside = .hex(4, isKey: isKey)
      } else {
        guard "\"\\/bfnrt".utf8.contains(byte) else { throw problem("no escape is written so") }
        inside = .string(isKey: isKey)
      }
      if isKey { note(byte) }
    case .hex(let rest, let isKey):
      guard Self.isHex(byte) else { throw problem("four hexadecimal digits are missing") }
      inside = rest == 1 ? .string(isKey: isKey) : .hex(rest - 1, isKey: isKey)
    }
  }

  private mutating func takeString(_ byte: UInt8, _ isKey: Bool) throws(RegistryError) {
    guard utf8.take(byte) else { throw problem("it is not UTF-8") }
    switch byte {
    case UInt8(ascii: "\""): try endString(isKey)
    case UInt8(ascii: "\\"):
      inside = .escape(isKey: isKey)
      if isKey { note(byte) }
    case 0..<0x20: throw problem("a control character stands in a string")
    default:
      if isKey { note(byte) }
    }
  }

  /// A key's beginning; a longer one is none that is watched.
  private mutating func note(_ byte: UInt8) { if token.count < Self.tokenBytes { token.append(byte) } }

  private mutating func endString(_ isKey: Bool) throws(RegistryError) {
    inside = .none
    guard isKey else { return try endValue(.other) }
    expected = .colon
    guard open.count == 1 else { return }
    let name = String(decoding: token, as: UTF8.self)
    token = []
    guard watched.contains(name) else {
      key = nil
      return
    }
    guard found[name] == nil else { throw problem("the key \(name.quoted) occurs twice") }
    key = name
  }

  private mutating func takeBetween(_ byte: UInt8) throws(RegistryError) {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): return
    case UInt8(ascii: "\n"):
      if takesLines, expected == .nothing { expected = .value }
      return
    default: break
    }
    switch (byte, expected) {
    case (UInt8(ascii: "{"), .value), (UInt8(ascii: "{"), .valueOrEnd): try begin(isObject: true)
    case (UInt8(ascii: "["), .value), (UInt8(ascii: "["), .valueOrEnd): try begin(isObject: false)
    case (UInt8(ascii: "}"), .keyOrEnd), (UInt8(ascii: "]"), .valueOrEnd): try close(byte)
    case (UInt8(ascii: "}"), .commaOrEnd), (UInt8(ascii: "]"), .commaOrEnd): try close(byte)
    case (UInt8(ascii: ","), .commaOrEnd): expected = open.last == true ? .key : .value
    case (UInt8(ascii: ":"), .colon): expected = .value
    case (UInt8(ascii: "\""), .key), (UInt8(ascii: "\""), .keyOrEnd):
      token = []
      inside = .string(isKey: true)
    case (UInt8(ascii: "\""), .value), (UInt8(ascii: "\""), .valueOrEnd): inside = .string(isKey: false)
    case (_, .value) where Self.isToken(byte), (_, .valueOrEnd) where Self.isToken(byte):
      token = [byte]
      inside = .token
    default: throw problem("something else is needed here")
    }
  }

  private mutating func begin(isObject: Bool) throws(RegistryError) {
    guard open.count < Self.maximumDepth else { throw problem("the nesting is too deep") }
    if open.count == 1, let key { found[key] = Found(kind: isObject ? .object : .array) }
    if isObject, open.count == 2, open[1] == false, let key { found[key]?.objects += 1 }
    open.append(isObject)
    expected = isObject ? .keyOrEnd : .valueOrEnd
  }

  private mutating func close(_ byte: UInt8) throws(RegistryError) {
    guard let isObject = open.popLast(), isObject == (byte == UInt8(ascii: "}")) else {
      throw problem("the brackets don't match")
    }
    try endValue(isObject ? .object : .array)
  }

  private mutating func endToken() throws(RegistryError) {
    inside = .none
    let text = String(decoding: token, as: UTF8.self)
    token = []
    guard ["true", "false", "null"].contains(text) || Self.isNumber(text) else {
      throw problem("\(text.quoted) is no value")
    }
    try endValue(.other)
  }

  private mutating func endValue(_ kind: Found.Kind) throws(RegistryError) {
    switch open.count {
    case 0:
      documents += 1
      if kind == .object { objects += 1 }
      expected = .nothing
      key = nil
      return
    case 1:
      if let key, kind == .other { found[key] = Found(kind: .other) }
      if open[0] { key = nil }
    case 2: if let key, open[1] == false { found[key]?.count += 1 }
    default: break
    }
    expected = .commaOrEnd
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
  private static func isNumber(_ text: String) -> Bool {
    var rest = Substring(text).utf8[...]
    func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
    func digits() -> Int {
      let run = rest.prefix(while: isDigit)
      rest = rest.dropFirst(run.count)
      return run.count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !startsWithZero || whole == 1 else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits() > 0 else { return false }
    }
    if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
        rest = rest.dropFirst()
      }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  private func problem(_ what: String) -> RegistryError {
    RegistryError(
      .integrity,
      "\(takesLines ? "line \(documents + 1)" : "the JSON") is malformed at byte \(offset): \(what)",
      hint: "record it again, or correct it")
  }
}

/// Whether bytes are UTF-8, one at a time (RFC 3629 §4).
private struct UTF8Check: Sendable {
  private var rest = 0
  private var allowed: ClosedRange<UInt8> = 0x80...0xbf

  var isComplete: Bool { rest == 0 }

  mutating func take(_ byte: UInt8) -> Bool {
    if rest > 0 {
      guard allowed ~= byte else { return false }
      rest -= 1
      allowed = 0x80...0xbf
      return true
    }
    switch byte {
    case 0..<0x80: return true
    case 0xc2...0xdf: rest = 1
    case 0xe0: (rest, allowed) = (2, 0xa0...0xbf)
    case 0xe1...0xec, 0xee...0xef: rest = 2
    case 0xed: (rest, allowed) = (2, 0x80...0x9f)
    case 0xf0: (rest, allowed) = (3, 0x90...0xbf)
    case 0xf1...0xf3: rest = 3
    case 0xf4: (rest, allowed) = (3, 0x80...0x8f)
    default: return false
    }
    return true
  }
}
