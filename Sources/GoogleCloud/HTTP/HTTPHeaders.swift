package import RegistryModel

/// One header of a request or an answer.
public struct HTTPHeader: Hashable, Sendable {
  public let name: String
  public let value: String

  /// - Throws: `usage` for a name or value that could end the line. The message doesn't show the value.
  package init(_ name: String, _ value: String) throws(RegistryError) {
    guard Self.isName(name), Self.isValue(value) else {
      throw RegistryError(
        .usage, "the header \(name.quoted) is malformed", hint: "write it as Name: value, in one line")
    }
    self.init(checked: name, value)
  }

  fileprivate init(checked name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  fileprivate static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        0x30...0x39 ~= byte || 0x41...0x5a ~= byte || 0x61...0x7a ~= byte || "-_.!~*'".utf8.contains(byte)
      }
  }

  fileprivate static func isValue(_ value: String) -> Bool {
    value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
  }
}

/// The headers of a request or an answer; names are compared without regard to case.
///
/// The description has the names only, since values may be secrets.
public struct HTTPHeaders: Sendable {
  package private(set) var all: [HTTPHeader] = []

  package init() {}

  /// The first value under a name.
  package subscript(name: String) -> String? { values(of: name).first }

  /// All values under a name, in the order they came.
  package func values(of name: String) -> [String] {
    let wanted = name.lowercased()
    return all.filter { $0.name.lowercased() == wanted }.map(\.value)
  }

  /// Puts a header in the place of those of its name.
  ///
  /// - Precondition: name and value stay in one line. Values that come from elsewhere are checked by
  ///   ``HTTPHeader/init(_:_:)``, or made of digits and percent-encoded text.
  package mutating func set(_ name: String, _ value: String) {
    precondition(HTTPHeader.isName(name) && HTTPHeader.isValue(value), "the header \(name) is malformed")
    let wanted = name.lowercased()
    all.removeAll { $0.name.lowercased() == wanted }
    all.append(HTTPHeader(checked: name, value))
  }

  /// Takes a line as it came from a server; nothing happens where it is no header.
  mutating func take(line: some StringProtocol) {
    guard let colon = line.firstIndex(of: ":") else { return }
    let name = String(line[..<colon])
    let value = line[line.index(after: colon)...].trimmedASCII
    guard HTTPHeader.isName(name), HTTPHeader.isValue(value) else { return }
    all.append(HTTPHeader(checked: name, value))
  }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { set(name, value) }
  }
}

extension HTTPHeaders: CustomStringConvertible, CustomDebugStringConvertible {
  public var description: String { all.map(\.name).joined(separator: ", ") }
  public var debugDescription: String { description }
}

extension StringProtocol {
  /// Without spaces, tabs and line ends at both ends.
  var trimmedASCII: String {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a }
    let bytes = Array(utf8)
    guard let first = bytes.firstIndex(where: { !isBlank($0) }),
      let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }
}
