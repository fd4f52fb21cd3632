import RegistryModel

/// Fills a graph from the index, breadth first: each node is looked at once, however the edges run.
struct LineageWalk {
  enum Direction { case up, down }

  let transaction: Transaction
  let depth: Int
  let limit: Int
  /// Whether archives show their episodes, and not only their number.
  let showsEpisodes: Bool
  /// What runs now, by manifest digest.
  let active: Set<Digest>
  /// The manifest of a version, to name a base that isn't known; nil where it can't be read.
  let manifest: (VersionRecord) -> Manifest?
  var graph: LineageGraph

  private typealias Key = LineageGraph.Key

  mutating func run(_ direction: Direction) throws {
    var level = [graph.subject]
    var seen: Set<LineageGraph.Key> = [graph.subject]
    var distance = 0
    while !level.isEmpty {
      guard distance < depth, graph.nodes.count < limit else {
        if try level.contains(where: { try !neighbours($0, direction).isEmpty }) { graph.isCut = true }
        return
      }
      var next: [LineageGraph.Key] = []
      for key in level {
        for (edge, node) in try neighbours(key, direction) {
          graph.add(node)
          graph.add(edge)
          if direction == .up, node.key == graph.subject {
            graph.warnings.append("\(node.key.id) is among its own origins: the index is damaged")
          }
          if seen.insert(node.key).inserted { next.append(node.key) }
        }
      }
      level = next
      distance += 1
    }
  }

  private func neighbours(
    _ key: LineageGraph.Key, _ direction: Direction
  ) throws -> [(LineageGraph.Edge, LineageGraph.Node)] {
    switch (direction, key.kind) {
    case (.up, .version): try origins(ofVersion: key)
    case (.up, .job): try key == graph.subject ? origins(ofJob: key) : []
    case (.up, .archive): try episodes(of: key)
    case (.down, .version): try results(ofVersion: key)
    case (.down, .job): try versions(with: .job, key.id, from: key)
    case (.down, .archive): try versions(with: .archive, key.id, from: key)
    case (.down, .episode): try archives(of: key)
    case (.up, .episode), (.up, .evaluation), (.down, .evaluation): []
    }
  }

  // MARK: Up

  private func origins(ofVersion key: LineageGraph.Key) throws -> [(LineageGraph.Edge, LineageGraph.Node)] {
    guard let record = try version(key) else { return [] }
    return try transaction.edges(of: record).map { kind, parent in
      try origin(kind, parent, of: record, to: key)
    }
  }

  private func origin(
    _ kind: String, _ parent: String, of record: VersionRecord, to key: LineageGraph.Key
  ) throws -> (LineageGraph.Edge, LineageGraph.Node) {
    let (node, relation): (LineageGraph.Node, LineageGraph.Relation) =
      switch kind {
      case "base": (try base(Digest(parsing: parent), of: record), .base)
      case "job": (LineageGraph.Node(Key(.job, parent)), .job)
      default: (try archive(Digest(parsing: parent)), .archive)
      }
    return (LineageGraph.Edge(from: node.key, to: key, relation), node)
  }

  /// What the job's products were made from, it was given. Only where the job is asked about: a version says the same of
  /// itself already.
  private func origins(ofJob key: LineageGraph.Key) throws -> [(LineageGraph.Edge, LineageGraph.Node)] {
    try transaction.children("job", of: key.id, after: 0, limit: limit).flatMap { product in
      try transaction.edges(of: product).filter { $0.kind != "job" }.map { kind, parent in
        try origin(kind, parent, of: product, to: key)
      }
    }
  }

  private func base(_ digest: Digest, of record: VersionRecord) throws -> LineageGraph.Node {
    if let known = try transaction.version(digest: digest) { return node(known) }
    let name = manifest(record)?.base.flatMap { $0.digest == digest ? $0.version.description : nil }
    return LineageGraph.Node(
      Key(.version, name ?? digest.description), isKnown: false,
      facts: ["digest": .string(digest.description)])
  }

  private func episodes(of key: LineageGraph.Key) throws -> [(LineageGraph.Edge, LineageGraph.Node)] {
    guard showsEpisodes else { return [] }
    return try transaction.archives(Digest(parsing: key.id)).flatMap { archive in
      try transaction.episodes(in: archive.manifest, limit: limit).map { episode in
        let node = Self.node(episode)
        return (LineageGraph.Edge(from: node.key, to: key, .episode), node)
      }
    }
  }

  // MARK: Down

  private func results(ofVersion key: LineageGraph.Key) throws -> [(LineageGraph.Edge, LineageGraph.Node)] {
    guard let record = try version(key) else { return [] }
    let evaluations = try transaction.evaluations(of: record).map { evaluation in
      let node = LineageGraph.Node(
        Key(.evaluation, evaluation.digest.description),
        facts: ["at": .string(evaluation.at.description), "by": .string(evaluation.by)])
      return (LineageGraph.Edge(from: key, to: node.key, .evaluation), node)
    }
    return try evaluations + versions(with: .base, record.digest.description, from: key)
  }

  private func versions(
    with relation: LineageGraph.Relation, _ parent: String, from key: LineageGraph.Key
  ) throws -> [(LineageGraph.Edge, LineageGraph.Node)] {
    try transaction.children(relation.rawValue, of: parent, after: 0, limit: limit).map { child in
      let node = node(child)
      return (LineageGraph.Edge(from: key, to: node.key, relation), node)
    }
  }

  private func archives(of key: LineageGraph.Key) throws -> [(LineageGraph.Edge, LineageGraph.Node)] {
    try transaction.episodes(named: key.id).compactMap { episode in
      guard let record = try transaction.archive(manifest: episode.manifest) else { return nil }
      let node = try archive(record.archive)
      return (LineageGraph.Edge(from: key, to: node.key, .episode), node)
    }
  }

  // MARK: Nodes

  private func version(_ key: LineageGraph.Key) throws -> VersionRecord? {
    guard let id = try? VersionID(parsing: key.id) else { return nil }
    return try transaction.version(id)
  }

  func node(_ record: VersionRecord) -> LineageGraph.Node {
    LineageGraph.Node(
      LineageGraph.Key(.version, record.version.description),
      facts: [
        "digest": .string(record.digest.description), "created_at": .string(record.createdAt.description),
        "installed": .bool(record.isInstalled), "active": .bool(active.contains(record.digest)),
      ])
  }

  func archive(_ digest: Digest) throws -> LineageGraph.Node {
    let key = LineageGraph.Key(.archive, digest.description)
    guard let record = try transaction.archives(digest).first else {
      return LineageGraph.Node(key, isKnown: false)
    }
    return LineageGraph.Node(
      key,
      facts: [
        "robot": .orNull(record.robot), "bytes": record.bytes.map { .integer($0) } ?? .null,
        "created_at": .orNull(record.createdAt?.description),
        "episodes": .integer(try transaction.episodeCount(in: record.manifest)),
        "manifest": .string(record.manifest.description),
      ])
  }

  static func node(_ episode: EpisodeRecord) -> LineageGraph.Node {
    LineageGraph.Node(
      LineageGraph.Key(.episode, episode.name),
      facts: [
        "digest": .string(episode.digest.description), "steps": episode.steps.map { .integer($0) } ?? .null,
        "bytes": episode.bytes.map { .integer($0) } ?? .null,
      ])
  }
}
