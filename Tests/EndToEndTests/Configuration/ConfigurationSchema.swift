import Foundation
import RegistryModel
import Testing

/// `schemas/config.v1.json` and its examples, as far as a reader can be held against them.
struct ConfigurationSchema {
  /// An object of a document that may have some keys and no others.
  struct Section {
    /// As the reader names it: `config.training.worker`.
    let name: String
    let path: [String]
    /// What the schema says of each key.
    let properties: [String: JSONValue]
  }

  private let document: JSONValue

  init() throws {
    document = try Self.json("schemas/config.v1.json")
  }

  static let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    .standardized

  static func text(_ path: String) throws -> String {
    try String(contentsOf: repository.appending(path: path), encoding: .utf8)
  }

  static func json(_ path: String) throws -> JSONValue { try JSONValue(parsing: Array(text(path).utf8)) }

  /// The examples in a folder, by name; they are JSON, and so YAML.
  static func examples(_ folder: String = "") throws -> [(name: String, text: String)] {
    let path = "schemas/examples/config.v1/\(folder)"
    return try FileManager.default.contentsOfDirectory(atPath: repository.appending(path: path).path)
      .filter { $0.hasSuffix(".json") }.sorted().map { ($0, try text("\(path)/\($0)")) }
  }

  /// The sections that a document has, itself first. Free maps are none.
  func sections(of value: JSONValue) throws -> [Section] { try sections(of: value, document, []) }

  /// Every key that the schema knows, `config.training.worker.grace`.
  func keys() throws -> Set<String> {
    var keys: Set<String> = []
    func collect(_ schema: JSONValue, _ name: String) throws {
      for branch in try branches(of: schema) {
        guard let properties = Self.properties(branch) else { continue }
        for (key, schema) in properties {
          keys.insert("\(name).\(key)")
          try collect(schema, "\(name).\(key)")
        }
      }
    }
    try collect(document, "config")
    return keys
  }

  /// Every key that a document has, but for those of free maps.
  func keys(of value: JSONValue) throws -> Set<String> {
    var keys: Set<String> = []
    for section in try sections(of: value) {
      keys.formUnion(value.at(section.path)?.asObject?.keys.map { "\(section.name).\($0)" } ?? [])
    }
    return keys
  }

  private func sections(of value: JSONValue, _ schema: JSONValue, _ path: [String]) throws -> [Section] {
    guard let object = value.asObject,
      let properties = try branches(of: schema).lazy.compactMap(Self.properties).first
    else { return [] }
    let name = (["config"] + path).joined(separator: ".")
    let below = try object.sorted { $0.key < $1.key }.flatMap { key, value in
      try properties[key].map { try sections(of: value, $0, path + [key]) } ?? []
    }
    return [Section(name: name, path: path, properties: properties)] + below
  }

  private static func properties(_ schema: JSONValue) -> [String: JSONValue]? {
    schema["additionalProperties"] == .bool(false) ? schema["properties"]?.asObject : nil
  }

  /// What a schema refers to, or the alternatives that it offers.
  private func branches(of schema: JSONValue) throws -> [JSONValue] {
    if let reference = schema["$ref"]?.asString {
      let name = try #require(reference.split(separator: "/").last)
      return try branches(of: #require(document["$defs"]?[String(name)], "\(reference)"))
    }
    return try schema["oneOf"]?.asArray.map { try $0.flatMap(branches) } ?? [schema]
  }
}

extension JSONValue {
  func at(_ path: [String]) -> JSONValue? { path.reduce(self) { $0?[$1] } }

  /// The same with another value under a key of one of its objects; nil takes the key away.
  func setting(_ key: String, at path: [String], to value: JSONValue?) throws -> JSONValue {
    var object = try #require(asObject)
    if let first = path.first {
      object[first] = try #require(object[first]).setting(key, at: Array(path.dropFirst()), to: value)
    } else {
      object[key] = value
    }
    return .object(object)
  }
}
