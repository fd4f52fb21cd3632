import Foundation
package import RegistryModel

/// The shapes of custom jobs, out of the API's discovery document; `extract_schemas.py` wrote the file.
package struct DiscoverySchemas: Sendable {
  private let schemas: [String: JSONValue]
  /// Where the shapes are from, and of which day.
  package let source: String

  package static let customJob = "GoogleCloudAiplatformV1CustomJob"

  /// - Throws: where the file isn't beside the program, or is malformed.
  package init() throws {
    guard let url = Bundle.module.url(forResource: "custom-job-schemas", withExtension: "json"),
      let bytes = FileManager.default.contents(atPath: url.path(percentEncoded: false))
    else { throw NoSuchObject(description: "custom-job-schemas.json isn't there") }
    let json = try JSONValue(parsing: bytes)
    guard let schemas = json["schemas"]?.asObject, let source = json["source"]?.asString,
      let revision = json["revision"]?.asString
    else { throw NoSuchObject(description: "custom-job-schemas.json is malformed") }
    self.schemas = schemas
    self.source = "\(source), revision \(revision)"
  }

  /// What is wrong with a request's body, in the service's words; nil for nothing.
  ///
  /// Stricter than the service in one thing: fields that only it may set are refused instead of ignored.
  package func problem(with json: JSONValue, _ schema: String = customJob) -> String? {
    do throws(RPCError) {
      try check(json, ["$ref": .string(schema)], at: "custom_job")
      return nil
    } catch { return error.message }
  }

  func check(_ json: JSONValue, _ type: JSONValue, at path: String) throws(RPCError) {
    if let reference = type["$ref"]?.asString {
      guard let object = json.asObject, let fields = schemas[reference]?.asObject else {
        throw Self.invalid(path, json)
      }
      for (name, value) in object.sorted(by: { $0.key < $1.key }) {
        guard let field = fields[name] else { throw .unknownField(name, at: path) }
        guard field["readOnly"] != true else {
          throw .invalid("'\(path).\(name)' is set by the service alone.")
        }
        try check(value, field, at: "\(path).\(name)")
      }
      return
    }
    switch type["type"]?.asString {
    case "object":
      guard let object = json.asObject, let values = type["additionalProperties"] else {
        throw Self.invalid(path, json)
      }
      for (name, value) in object { try check(value, values, at: "\(path)[\(name)]") }
    case "array":
      guard let array = json.asArray, let elements = type["items"] else { throw Self.invalid(path, json) }
      for (index, value) in array.enumerated() { try check(value, elements, at: "\(path)[\(index)]") }
    case "boolean": guard json.asBool != nil else { throw Self.invalid(path, json) }
    case "integer":
      guard let number = json.asInt, Int32(exactly: number) != nil else { throw Self.invalid(path, json) }
    case "number": guard json.asDouble != nil else { throw Self.invalid(path, json) }
    case "string": try check(text: json, type, at: path)
    default: throw Self.invalid(path, json)
    }
  }

  private func check(text json: JSONValue, _ type: JSONValue, at path: String) throws(RPCError) {
    guard let text = json.asString else { throw Self.invalid(path, json) }
    if let known = type["enum"]?.asArray {
      guard known.contains(json) else { throw Self.invalid(path, json) }
    }
    switch type["format"]?.asString {
    case "int64": guard Int64(text) != nil else { throw Self.invalid(path, json) }
    case "google-duration":
      guard text.hasSuffix("s"), Decimal.parse(text.dropLast()) != nil else { throw Self.invalid(path, json) }
    default: break
    }
  }

  private static func invalid(_ path: String, _ json: JSONValue) -> RPCError {
    .invalid("Invalid value at '\(path)': \(json.canonicalText)")
  }
}
