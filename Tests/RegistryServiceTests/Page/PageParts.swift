/// The parts of pages that can be asked for by themselves, by the name of the page's template.
enum PageParts {
  static let all: [(page: String, parts: [String])] = [
    ("overview", ["now", "tiles", "problems", "operations", "switches"]), ("versions", ["list"]),
    ("version", ["actions"]), ("training", ["jobs", "decision"]), ("job", ["progress"]),
    ("history", ["list"]), ("storage", ["use", "problems", "remote", "schedule"]), ("operation", ["state"]),
  ]

  /// The names of their templates.
  static var templates: [String] { all.flatMap { page in page.parts.map { "\(page.page)-\($0)" } } }
}
