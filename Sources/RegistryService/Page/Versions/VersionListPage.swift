import RegistryModel

/// Versions by adapter, with size, metrics and state.
struct VersionListPage: Sendable {
  struct Group: Hashable, Sendable {
    let adapter: String
    let newest: Link
    var rows: [Row]
  }

  struct Row: Hashable, Sendable {
    let version: Link
    let created: Moment?
    let size: String
    let metrics: String
    let badges: [Badge]
    let origin: String?
  }

  let frame: PageFrame
  let groups: [Group]
  let adapter: String
  let isFiltered: Bool
  let isEmpty: Bool
  let next: String?
  let first: String?

  /// - Parameters:
  ///   - list: `/api/models`; a version's `metrics`, where its manifest could be read, stand beside its other fields.
  ///   - onTrial: whether what is active is on trial.
  init(
    _ frame: PageFrame, _ list: JSONValue, adapter: String?, isFirst: Bool, onTrial: Bool, now: Timestamp
  ) {
    self.frame = frame
    self.adapter = adapter ?? ""
    isFiltered = adapter != nil
    var groups: [Group] = []
    for version in list.list("versions") {
      let name = version.text("adapter") ?? ""
      if groups.last?.adapter != name {
        groups.append(
          Group(
            adapter: name, newest: Link(text: "newest", path: PagePath.version("\(name)@latest")), rows: []))
      }
      groups[groups.count - 1].rows.append(Row(version, onTrial: onTrial, now: now))
    }
    self.groups = groups
    isEmpty = groups.isEmpty
    next = list.text("next").map { PagePath.with("/versions", ["adapter": adapter, "after": $0]) }
    first = isFirst ? nil : PagePath.with("/versions", ["adapter": adapter])
  }
}

extension VersionListPage.Row {
  fileprivate init(_ version: JSONValue, onTrial: Bool, now: Timestamp) {
    self.version = .version(version.text("version") ?? "")
    created = version.moment("created_at", now: now)
    size = Shown.bytes(version.whole("bytes") ?? 0)
    let metrics = version["metrics"]?.sorted ?? []
    let shown = metrics.prefix(2).map { "\($0.name) \($0.value.shown)" }
    self.metrics = (shown + (metrics.count > 2 ? ["and \(metrics.count - 2) more"] : [])).joined(
      separator: ", ")
    badges = VersionBadges.of(version, onTrial: onTrial)
    origin = version.text("origin_version")
  }
}

/// What there is to say of a version in a word.
enum VersionBadges {
  static func of(_ version: JSONValue, onTrial: Bool) -> [Badge] {
    var badges: [Badge] = []
    if version.holds("active") { badges.append(onTrial ? Badge("on trial", .warn) : Badge("active", .good)) }
    if version.holds("damaged") { badges.append(Badge("damaged", .bad)) }
    if version.holds("blocked") { badges.append(Badge("blocked", .bad)) }
    if !version.holds("active") {
      badges.append(version.holds("installed") ? Badge("installed", .info) : Badge("not installed"))
    }
    if version.holds("pinned") { badges.append(Badge("pinned")) }
    return badges + version.texts("channels").map { Badge("@\($0)") }
  }
}
