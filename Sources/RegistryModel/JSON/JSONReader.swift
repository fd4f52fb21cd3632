/// Takes the fields out of a JSON object one by one, and refuses what nobody took.
///
/// Ask for every field that the format knows, present or not, then call ``finish()``. Every error has the code
/// `integrity` and names the document and the field.
public struct JSONReader: Sendable {
  /// What an error advises where there is nothing better to say.
  public static let standardHint = "correct the document, or get it again from its author"

  /// What the object is, for messages: `manifest`, `manifest.files[3]`.
  public let context: String
  private let fields: [String: JSONValue]
  private var known: [String] = []

  /// Starts to read an object.
  ///
  /// - Throws: `integrity` where the value is no object.
  public init(_ value: JSONValue, context: String) throws(RegistryError) {
    guard let fields = value.asObject else {
      throw Self.malformed("\(context) is \(value.kindName), and an object is needed")
    }
    self.context = context
    self.fields = fields
  }

  /// A field that must be there, and must not be `null`.
  public mutating func required<Value>(
    _ key: String, _ kind: JSONKind<Value>
  ) throws(RegistryError) -> Value {
    guard let json = take(key) else { throw missing(key) }
    return try value(of: json, key, kind)
  }

  /// A field that must be there, and may be `null`, which is nil.
  public mutating func nullable<Value>(
    _ key: String, _ kind: JSONKind<Value>
  ) throws(RegistryError) -> Value? {
    guard let json = take(key) else { throw missing(key) }
    return json.isNull ? nil : try value(of: json, key, kind)
  }

  /// A field that may be missing, which is nil, but must not be `null`.
  public mutating func optional<Value>(
    _ key: String, _ kind: JSONKind<Value>
  ) throws(RegistryError) -> Value? {
    guard let json = take(key) else { return nil }
    return try value(of: json, key, kind)
  }

  /// Ends the reading.
  ///
  /// - Throws: `integrity` where the object has a field that was never asked for; the hint names the nearest known one.
  public func finish() throws(RegistryError) {
    let unknown = fields.keys.filter { !known.contains($0) }.sorted()
    guard let first = unknown.first else { return }
    let suggestion =
      Spelling.nearest(to: first, among: known).map { "did you mean \($0.quoted)?" }
      ?? "the known fields are \(known.joined(separator: ", "))"
    throw Self.malformed("\(context) has the unknown field \(first.quoted)", hint: suggestion)
  }

  /// An error that says what is wrong with a field.
  public func problem(with key: String, _ problem: String, hint: String? = nil) -> RegistryError {
    Self.malformed("\(context).\(key) \(problem)", hint: hint)
  }

  private mutating func take(_ key: String) -> JSONValue? {
    if !known.contains(key) { known.append(key) }
    return fields[key]
  }

  func value<Value>(
    of json: JSONValue, _ key: String, _ kind: JSONKind<Value>
  ) throws(RegistryError) -> Value {
    let value: Value?
    do {
      value = try kind.value(of: json)
    } catch {
      // The parsers of names take the user for the author; here it is the document's.
      throw problem(with: key, "is wrong: \(error.message)", hint: error.hint)
    }
    guard let value else { throw problem(with: key, "is \(json.kindName), and \(kind.name) is needed") }
    return value
  }

  private func missing(_ key: String) -> RegistryError {
    Self.malformed("\(context) lacks the field \(key.quoted)")
  }

  private static func malformed(_ message: String, hint: String? = nil) -> RegistryError {
    RegistryError(.integrity, message, hint: hint ?? standardHint)
  }
}
