import RegistryModel

/// One version: what it is, what it was measured to be, what is in it, and what can be done with it.
struct VersionPage: Sendable {
  struct Evaluation: Hashable, Sendable {
    let at: Moment?
    let by: String
    let digest: String
    let results: [Fact]
  }

  let frame: PageFrame
  let name: String
  let adapter: String
  /// The versions of the same adapter.
  let siblings: String
  let badges: [Badge]
  let facts: [Fact]
  let note: [String]
  let hasNote: Bool
  let metrics: [Fact]
  let hasMetrics: Bool
  let evaluations: [Evaluation]
  let contents: VersionContents
  let lineage: String
  /// What it can be compared with at a click.
  let comparisons: [Link]
  let isActive: Bool
  let isInstalled: Bool
  let isPinned: Bool
  let isBlocked: Bool
  let canActivate: Bool
  let canUninstall: Bool

  /// What the page is made from.
  struct Source: Sendable {
    /// `/api/models/REF`.
    var version: JSONValue
    /// `/api/models/REF/evaluations`, each with its `document` where that can be read.
    var evaluations: [JSONValue] = []
    /// What runs of its adapter.
    var active: String?
    var onTrial = false
  }

  init(_ frame: PageFrame, _ source: Source, now: Timestamp) {
    let version = source.version
    self.frame = frame
    name = version.text("version") ?? ""
    adapter = version.text("adapter") ?? ""
    siblings = PagePath.with("/versions", ["adapter": adapter])
    badges = VersionBadges.of(version, onTrial: source.onTrial)
    facts = Self.facts(version, now: now)
    note = version.text("note").map(Shown.lines) ?? []
    hasNote = !note.isEmpty
    metrics = (version["metrics"]?.sorted ?? []).map { Fact(name: $0.name, value: $0.value.shown) }
    hasMetrics = !metrics.isEmpty || !source.evaluations.isEmpty
    evaluations = source.evaluations.map { Evaluation($0, now: now) }
    contents = VersionContents(version)
    lineage = PagePath.lineage(name)
    comparisons = Self.comparisons(version, name, active: source.active)
    isActive = version.holds("active")
    isInstalled = version.holds("installed")
    isPinned = version.holds("pinned")
    isBlocked = version.holds("blocked")
    canActivate = isInstalled && !isActive
    canUninstall = isInstalled && !isActive && !isPinned
  }

  private static func facts(_ version: JSONValue, now: Timestamp) -> [Fact] {
    var facts: [Fact] = []
    facts.add("Digest", version.text("digest"), isCode: true)
    facts.add("Made", version.moment("created_at", now: now).map { "\($0.text), \($0.ago)" })
    facts.add("Size", version.whole("bytes").map(Shown.bytes))
    facts.add("Framework", version.text("framework"))
    facts.add("Model", version.text("model_type"))
    if let base = version["base"]?.text("version") { facts.add("Base", base, path: PagePath.version(base)) }
    if let job = version["job"]?.text("id") { facts.add("Job", job, path: PagePath.lineage("job:\(job)")) }
    facts.add("Code", version["job"]?.text("code_version"))
    facts.add("Seed", version["job"]?.whole("seed").map { "\($0)" })
    for archive in version.list("archives") {
      guard let digest = archive.text("digest") else { continue }
      facts.add("Trained on", Shown.digest(digest), path: PagePath.lineage("archive:\(digest)"), isCode: true)
    }
    facts.add("Requires", version.texts("requires").joined(separator: ", "))
    if let origin = version["origin"], !origin.isNull {
      facts.add(
        "Imported from",
        [origin.text("layout"), origin.text("version")].compactMap(\.self).joined(separator: ", "))
    }
    return facts
  }

  private static func comparisons(_ version: JSONValue, _ name: String, active: String?) -> [Link] {
    var links: [Link] = []
    func add(_ what: String, _ other: String?) {
      guard let other, other != name, !links.contains(where: { $0.path == PagePath.diff(other, name) }) else {
        return
      }
      links.append(Link(text: "\(what), \(other)", path: PagePath.diff(other, name)))
    }
    add("its base", version["base"]?.text("version"))
    add("what runs", active)
    return links
  }
}

extension VersionPage.Evaluation {
  /// - Parameter evaluation: a record, with its `document` where that could be read.
  init(_ evaluation: JSONValue, now: Timestamp) {
    at = evaluation.moment("at", now: now)
    by = evaluation.text("by") ?? ""
    digest = Shown.digest(evaluation.text("evaluation") ?? evaluation.text("digest") ?? "")
    results = (evaluation["document"]?.sorted ?? []).map { Fact(name: $0.name, value: $0.value.shown) }
  }
}
