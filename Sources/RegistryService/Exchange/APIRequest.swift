package import HTTPTypes
package import ModelRegistry
package import RegistryModel

/// A request on its way to its handler: its names decoded, its body read whole, and who asks known.
package struct APIRequest: Sendable {
  package let method: HTTPRequest.Method
  /// The path as it was sent, without the query.
  package let path: String
  /// What stands in the path's places, decoded: `{ref}` is `parameters["ref"]`.
  package let parameters: [String: String]
  package let query: Query
  package let headers: HTTPFields
  package let body: RequestBody
  package let caller: Caller
  /// Where the caller is signed in to the page.
  package let session: Sessions.Session?
  /// Given back as `X-Request-Id`, and written to the log.
  package let id: String

  /// What stands in the place `name` of the path.
  ///
  /// - Throws: `failed` where the route has no such place, which is a mistake of ours.
  package func parameter(_ name: String) throws(RegistryError) -> String {
    if let value = parameters[name] { return value }
    throw RegistryError(.failed, "the route has no {\(name)}", hint: "report this")
  }

  /// The version that the path names in `{ref}`.
  package func reference() throws(RegistryError) -> Reference { try Reference(parsing: parameter("ref")) }

  package func header(_ name: HTTPTypes.HTTPField.Name) -> String? { headers[name] }
}

/// What came with a request.
package enum RequestBody: Sendable {
  case none
  case bytes([UInt8])
  /// An archive in a file below the store's `private/`, which goes with the last who has it.
  case file(IncomingArchive)
}

extension APIRequest {
  /// The body as a JSON object, to be read strictly; an empty body is an empty object.
  ///
  /// - Throws: `usage` where it is no JSON, or another value than an object.
  package func document() throws(RegistryError) -> JSONReader {
    switch body {
    case .none: return try JSONReader(.object([:]), context: "body")
    case .file: throw Self.wrongType
    case .bytes(let bytes):
      guard isJSON else { throw Self.wrongType }
      do {
        return try JSONReader(JSONValue(parsing: bytes), context: "body")
      } catch {
        throw RegistryError(.usage, error.message, hint: error.hint)
      }
    }
  }

  /// Reads the body with `read`, and refuses fields that nobody asked for. What is wrong with it is the caller's matter.
  package func reading<T>(
    _ read: (inout JSONReader) throws -> T
  ) throws -> T {
    var reader = try document()
    do {
      let value = try read(&reader)
      try reader.finish()
      return value
    } catch let error as RegistryError where error.code == .integrity {
      throw RegistryError(.usage, error.message, hint: error.hint)
    }
  }

  private var isJSON: Bool {
    guard let type = headers[.contentType] else { return false }
    let essence = type.split(separator: ";", maxSplits: 1).first ?? ""
    return essence.filter { $0 != " " }.lowercased() == "application/json"
  }

  private static let wrongType = RegistryError(
    .usage, "the body is no JSON", hint: "send a JSON object with Content-Type: application/json")
}
