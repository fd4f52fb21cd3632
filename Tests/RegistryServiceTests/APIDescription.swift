import Foundation
import HTTPTypes
import RegistryModel
import RegistryService
import Testing
import Yams

/// schemas/openapi.yaml as a test reads it.
struct APIDescription {
  struct Operation {
    let name: String
    let fields: [String: Any]
    /// The path's own parameters and the operation's.
    let parameters: [[String: Any]]
    let body: [String: Any]?
  }

  let operations: [String: Operation]

  /// The file in the repository, from this one's place in it.
  static let bytes: [UInt8] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "schemas/openapi.yaml")
    return (try? Data(contentsOf: file)).map(Array.init) ?? []
  }()

  init() throws {
    let text = String(decoding: Self.bytes, as: UTF8.self)
    let document = try #require(try Yams.load(yaml: text) as? [String: Any])
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    var operations: [String: Operation] = [:]
    for (path, item) in paths {
      let shared = item["parameters"] as? [[String: Any]] ?? []
      for method in ["get", "post", "put", "delete", "patch"] {
        guard let fields = item[method] as? [String: Any] else { continue }
        let own = fields["parameters"] as? [[String: Any]] ?? []
        let body = fields["requestBody"] as? [String: Any]
        let name = "\(method.uppercased()) \(path)"
        operations[name] = Operation(
          name: name, fields: fields,
          parameters: try (shared + own).map { try Self.resolved($0, document) },
          body: try body.map { try Self.resolved($0, document) })
      }
    }
    self.operations = operations
  }

  private static func resolved(_ part: [String: Any], _ document: [String: Any]) throws -> [String: Any] {
    guard let reference = part["$ref"] as? String else { return part }
    var target: Any = document
    for step in reference.split(separator: "/").dropFirst() {
      target = try #require((target as? [String: Any])?[String(step)], "nothing at \(reference)")
    }
    return try #require(target as? [String: Any])
  }
}

extension APIDescription.Operation {
  func names(in place: String) -> Set<String> {
    Set(parameters.filter { $0["in"] as? String == place }.compactMap { $0["name"] as? String })
  }

  var contentTypes: Set<String> { Set((body?["content"] as? [String: Any] ?? [:]).keys) }

  /// Each way to be let in: the names of the schemes that it takes together; nil where the document's own holds.
  var security: [Set<String>]? {
    (fields["security"] as? [[String: Any]])?.map { Set($0.keys) }
  }
}

extension Route {
  /// As the description names it: a place that takes the rest of the path is a place like others there.
  var described: String { "\(method.rawValue) \(path.description.replacing("...}", with: "}"))" }

  /// The page's routes are for people, and aren't described.
  var isOfTheAPI: Bool {
    path.description.hasPrefix("/api/")
      || ["/healthz", "/readyz", "/metrics", "/openapi.yaml"].contains(path.description)
  }

  var scopeInWords: String {
    switch access {
    case .open: "none"
    case .scope(let scope): scope.rawValue
    case .work: "operate or train"
    case .runtime: "operate, or anybody at the control socket"
    }
  }
}
