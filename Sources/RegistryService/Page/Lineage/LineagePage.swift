import RegistryModel

/// Where something comes from, and what came of it.
struct LineagePage: Sendable {
  /// How many edges from the subject are shown where nothing else is asked for.
  static let standardDepth = 4
  static let depths = 1...24

  let frame: PageFrame
  let subject: String
  let name: String
  /// Where a version has its own page.
  let page: String?
  let picture: LineagePicture
  let warnings: [String]
  let wider: String?
  let narrower: String?
  let episodes: Link

  init(
    _ frame: PageFrame, _ graph: LineageGraph, subject: String, depth: Int, showsEpisodes: Bool
  ) {
    self.frame = frame
    self.subject = subject
    name = graph.subject.id
    page = graph.subject.kind == .version ? PagePath.version(graph.subject.id) : nil
    picture = LineagePicture(graph)
    warnings = graph.warnings
    func path(_ depth: Int, _ episodes: Bool) -> String {
      PagePath.with(
        "/lineage", ["subject": subject, "depth": "\(depth)", "episodes": episodes ? "true" : nil])
    }
    wider =
      picture.isCut && Self.depths.contains(depth + 2) ? path(depth + 2, showsEpisodes) : nil
    narrower = depth > 1 ? path(max(1, depth - 2), showsEpisodes) : nil
    episodes = Link(
      text: showsEpisodes ? "Hide episodes" : "Show episodes", path: path(depth, !showsEpisodes))
  }
}

/// Asks what to show the lineage of, and offers what runs.
struct LineageStartPage: Sendable {
  let frame: PageFrame
  let suggestions: [Link]
  let hasSuggestions: Bool

  /// - Parameter active: `/api/active`; null where nothing is active.
  init(_ frame: PageFrame, active: JSONValue) {
    self.frame = frame
    suggestions = (active["set"]?.sorted ?? []).compactMap { member in
      member.value.text("version").map { Link(text: $0, path: PagePath.lineage($0)) }
    }
    hasSuggestions = !suggestions.isEmpty
  }
}
