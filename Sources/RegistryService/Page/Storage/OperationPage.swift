import RegistryModel

/// One piece of long work: how far it is, and how it ended.
struct OperationPage: Sendable {
  let frame: PageFrame
  let operation: OperationRow
  let started: Moment?
  let ended: Moment?
  let results: [Fact]
  let hint: String?
  let versions: [Link]
  let hasVersions: Bool

  /// - Parameter document: `/api/operations/ID`.
  init(_ frame: PageFrame, _ document: JSONValue, now: Timestamp) {
    self.frame = frame
    operation = OperationRow(document, now: now)
    started = document.moment("started_at", now: now)
    ended = document.moment("ended_at", now: now)
    let result = document["result"] ?? .null
    results = result.sorted.compactMap { name, value in
      value.asArray?.isEmpty == true || value.asObject != nil || value.isNull
        ? nil : Fact(name: name.replacing("_", with: " "), value: Self.shown(name, value))
    }
    hint = document["error"]?.text("hint")
    versions = document.texts("subject").filter { (try? VersionID(parsing: $0)) != nil }.map(Link.version)
    hasVersions = !versions.isEmpty
  }

  private static func shown(_ name: String, _ value: JSONValue) -> String {
    if name.contains("bytes"), let count = value.asInt { return Shown.bytes(count) }
    guard let items = value.asArray else { return value.shown }
    return items.map { $0.text("version") ?? $0.text("problem") ?? $0.shown }.joined(separator: ", ")
  }
}
