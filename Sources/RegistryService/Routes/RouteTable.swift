package import HTTPTypes
package import RegistryModel

/// All routes, and which of them a request means.
package struct RouteTable: Sendable {
  package let routes: [Route]
  /// By the first two parts of the path, which are text for all but the page's.
  private let candidates: [String: [Route]]

  package init(_ routes: [Route]) {
    self.routes = routes
    candidates = Dictionary(grouping: routes) { route in
      route.path.parts.prefix(2).map { part in if case .text(let text) = part { text } else { "*" } }
        .joined(separator: "/")
    }
  }

  package enum Match: Sendable {
    case route(Route, [String: String])
    /// The path is known, and takes these methods only.
    case method([HTTPRequest.Method])
    case nothing
  }

  /// - Parameter path: as it was sent, without the query.
  /// - Throws: `usage` for a malformed escape.
  package func match(_ method: HTTPRequest.Method, _ path: String) throws(RegistryError) -> Match {
    guard path.utf8.first == UInt8(ascii: "/") else { return .nothing }
    let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    let parts = segments == [""] ? [] : segments
    var allowed: [HTTPRequest.Method] = []
    for key in Self.keys(parts) {
      for route in candidates[key] ?? [] {
        guard let values = try route.path.match(parts) else { continue }
        if route.method == method || (method == .head && route.method == .get) {
          return .route(route, values)
        }
        allowed.append(route.method)
        if route.method == .get { allowed.append(.head) }
      }
    }
    return allowed.isEmpty ? .nothing : .method(allowed)
  }

  private static func keys(_ parts: [Substring]) -> [String] {
    switch parts.count {
    case 0: [""]
    case 1: [String(parts[0])]
    default: ["\(parts[0])/\(parts[1])", "\(parts[0])/*"]
    }
  }
}
