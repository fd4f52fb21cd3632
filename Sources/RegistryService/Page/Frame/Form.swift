import HTTPTypes
import RegistryModel

/// What a form of the page sends, read strictly: `application/x-www-form-urlencoded` (WHATWG URL, section 5), each field
/// at most once, and no field that nobody asks for.
struct Form {
  /// The field that says that our own page sent it.
  static let antiForgery = "anti_forgery"
  /// The field that says what was active when the page was made.
  static let seen = "if_generation"

  private var fields: [String: String]

  /// - Throws: `usage` for another type, a field that stands twice, or an escape that is none.
  init(_ request: APIRequest) throws(RegistryError) {
    let bytes: [UInt8] = if case .bytes(let bytes) = request.body { bytes } else { [] }
    try self.init(parsing: bytes, type: request.header(.contentType))
  }

  init(parsing bytes: [UInt8], type: String?) throws(RegistryError) {
    fields = [:]
    guard !bytes.isEmpty else { return }
    let essence = type?.split(separator: ";", maxSplits: 1).first.map { $0.filter { $0 != " " }.lowercased() }
    guard essence == "application/x-www-form-urlencoded" else {
      throw RegistryError(.usage, "the body is no form", hint: "use the page's own buttons")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.malformed }
    for pair in text.split(separator: "&", omittingEmptySubsequences: false) {
      guard let (name, value) = String(pair).splitOnce(at: UInt8(ascii: "=")) else { throw Self.malformed }
      let key = try PercentCoding.decodeField(name[...])
      guard fields.updateValue(try PercentCoding.decodeField(value[...]), forKey: key) == nil else {
        throw RegistryError(.usage, "the field \(key.quoted) stands twice", hint: "load the page again")
      }
    }
  }

  /// Reads the form with `read`, and refuses fields that nobody asked for.
  func reading<T>(_ read: (inout Form) throws -> T) throws -> T {
    var rest = self
    rest.fields[Self.antiForgery] = nil
    let value = try read(&rest)
    guard let unknown = rest.fields.keys.min() else { return value }
    throw RegistryError(.usage, "the field \(unknown.quoted) is unknown", hint: "load the page again")
  }

  subscript(name: String) -> String? { fields[name] }

  /// A field as people fill it in: without spaces around it; nil where that is empty, or it wasn't sent.
  mutating func optional(_ name: String) -> String? {
    guard let text = fields.removeValue(forKey: name) else { return nil }
    let trimmed = text.trimmed
    return trimmed.isEmpty ? nil : trimmed
  }

  mutating func optional<T>(
    _ name: String, _ parse: (String) throws(RegistryError) -> T
  ) throws(RegistryError) -> T? {
    guard let text = optional(name) else { return nil }
    return try parse(text)
  }

  mutating func required<T>(
    _ name: String, _ parse: (String) throws(RegistryError) -> T
  ) throws(RegistryError) -> T {
    guard let text = optional(name) else {
      throw RegistryError(.usage, "the field \(name.quoted) is empty", hint: "fill it in")
    }
    return try parse(text)
  }

  /// A box that can be ticked.
  mutating func flag(_ name: String) throws(RegistryError) -> Bool {
    switch fields.removeValue(forKey: name) {
    case nil: return false
    case "true": return true
    case let text?: throw RegistryError(.usage, "\(name) has \(text.quoted)", hint: "load the page again")
    }
  }

  /// Which generation the page showed as active; 0 says that none was.
  ///
  /// - Throws: `usage` where the page doesn't say it, or couldn't tell: nobody replaces what he didn't see.
  mutating func seenGeneration() throws(RegistryError) -> Int {
    if let number = try generation(Self.seen) { return number }
    throw RegistryError(
      .usage, "the page didn't say what is active",
      hint: "load it again; where it can't be told what is active, roll back first")
  }

  /// The number of a generation; 0 says that nothing was active.
  mutating func generation(_ name: String) throws(RegistryError) -> Int? {
    try optional(name) { (text) throws(RegistryError) in
      guard 1...9 ~= text.utf8.count, text.utf8.allSatisfy(\.isASCIIDigit), let number = Int(text) else {
        throw RegistryError(.usage, "\(text.quoted) is no generation", hint: "load the page again")
      }
      return number
    }
  }

  private static let malformed = RegistryError(
    .usage, "the form is malformed", hint: "load the page again, and send it once more")
}
