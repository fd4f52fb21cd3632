import RegistryModel

/// What a machine in the cloud asks about itself.
struct MetadataServer {
  let issuer: TokenIssuer
  let project: String
  static let email = "default@simulated.iam.gserviceaccount.com"
  private static let flavor = [("Metadata-Flavor", "Google"), ("Server", "Metadata Server for VM")]

  func handle(_ request: Request) -> Reply {
    guard request.method == "GET" else {
      return .text(405, "Method Not Allowed", type: "text/html; charset=UTF-8", Self.flavor)
    }
    if request.path == [""] { return text("computeMetadata/\n") }
    guard request.headers["Metadata-Flavor"] == "Google", request.headers["X-Forwarded-For"] == nil else {
      return .text(
        403, "Missing required header 'Metadata-Flavor': 'Google'.", type: "text/html; charset=UTF-8",
        Self.flavor)
    }
    var path = request.path[...]
    if path.last == "" { path = path.dropLast() }
    guard path.starts(with: ["computeMetadata", "v1"]) else { return Self.missing }
    path = path.dropFirst(2)
    if path == ["project", "project-id"] { return text(project) }
    if path == ["project", "numeric-project-id"] { return text("1") }
    guard path.starts(with: ["instance", "service-accounts"]), path.count <= 4,
      path.dropFirst(2).first.map({ $0 == "default" || $0 == Self.email }) ?? true
    else { return path.isEmpty ? text("instance/\nproject/\n") : Self.missing }
    switch (path.count, path.last) {
    case (2, _): return text("default/\n\(Self.email)/\n")
    case (3, _):
      guard request.query["recursive"] == "true" else {
        return text("aliases\nemail\nidentity\nscopes\ntoken\n")
      }
      return .json(
        200,
        [
          "aliases": ["default"], "email": .string(Self.email), "scopes": [.string(Self.scope)],
        ], Self.flavor)
    case (4, "email"): return text(Self.email)
    case (4, "scopes"): return text("\(Self.scope)\n")
    case (4, "token"): return .json(200, issuer.issue(), Self.flavor)
    default: return Self.missing
    }
  }

  private static let scope = "https://www.googleapis.com/auth/cloud-platform"
  private static var missing: Reply { .text(404, "Not Found", type: "text/html; charset=UTF-8", flavor) }

  private func text(_ text: String) -> Reply { .text(200, text, type: "application/text", Self.flavor) }
}
