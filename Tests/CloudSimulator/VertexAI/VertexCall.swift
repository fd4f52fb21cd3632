/// What a request asks of Vertex AI.
struct VertexCall: Hashable {
  enum Verb: Hashable {
    case create
    case list
    case get(String)
    case cancel(String)
  }

  let project: String
  let region: String
  let verb: Verb

  /// `projects/P/locations/L`.
  var parent: String { "projects/\(project)/locations/\(region)" }

  /// Nil for a path or method that the API doesn't have, or that isn't simulated.
  init?(_ request: Request) {
    let path = request.path
    guard 6...7 ~= path.count, path[0] == "v1", path[1] == "projects", path[3] == "locations",
      path[5] == "customJobs"
    else { return nil }
    project = path[2]
    region = path[4]
    switch (request.method, path.count) {
    case ("POST", 6): verb = .create
    case ("GET", 6): verb = .list
    case ("GET", 7): verb = .get(path[6])
    case ("POST", 7) where path[6].hasSuffix(":cancel"): verb = .cancel(String(path[6].dropLast(7)))
    default: return nil
    }
  }

  var parameters: Set<String> {
    verb == .list ? ["filter", "pageSize", "pageToken", "alt"] : ["alt"]
  }
}
