import RegistryModel

/// What a request asks of Firestore.
struct FirestoreCall: Hashable {
  enum Verb: Hashable {
    case get(String)
    case create(String)
    case delete(String)
    case batchGet
    case commit
    case runQuery
  }

  let project: String
  let database: String
  let verb: Verb

  /// `projects/P/databases/D/documents/`.
  var root: String { "projects/\(project)/databases/\(database)/documents/" }

  /// Nil for a path or method that the API doesn't have, or that isn't simulated.
  init?(_ request: Request) {
    let path = request.path
    guard path.count >= 6, path[0] == "v1", path[1] == "projects", path[3] == "databases" else { return nil }
    project = path[2]
    database = path[4]
    let rest = path.dropFirst(6)
    switch (request.method, path[5], rest.count) {
    case ("POST", "documents:batchGet", 0): verb = .batchGet
    case ("POST", "documents:commit", 0): verb = .commit
    case ("POST", "documents:runQuery", 0): verb = .runQuery
    case ("GET", "documents", 2): verb = .get(rest.joined(separator: "/"))
    case ("DELETE", "documents", 2): verb = .delete(rest.joined(separator: "/"))
    case ("POST", "documents", 1): verb = .create(rest.joined())
    default: return nil
    }
  }

  /// Whether the answer is an array.
  var isStreamed: Bool { verb == .batchGet || verb == .runQuery }

  var parameters: Set<String> {
    switch verb {
    case .get: ["mask.fieldPaths", "alt"]
    case .create: ["documentId", "alt"]
    case .delete: ["currentDocument.exists", "alt"]
    default: ["alt"]
    }
  }

  /// The name of a document, which must be one of this database.
  func documentName(_ json: JSONValue?) throws(RPCError) -> String {
    guard let name = json?.asString, name.hasPrefix(root),
      name.dropFirst(root.count).split(separator: "/", omittingEmptySubsequences: false).count == 2,
      !name.hasSuffix("/")
    else {
      throw .invalid("Document name \(json?.canonicalText ?? "") lies outside of \(root) or is malformed.")
    }
    return name
  }
}
