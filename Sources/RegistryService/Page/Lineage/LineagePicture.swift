import RegistryModel

/// A lineage as a drawing in which one can walk: every node that can be asked about is a link.
struct LineagePicture: Sendable {
  struct Node: Hashable, Sendable {
    let x: String
    let y: String
    let kind: String
    let name: String
    let title: String
    let detail: String
    let hasDetail: Bool
    let path: String?
    let isSubject: Bool
    let isActive: Bool
    let isKnown: Bool
  }

  struct Edge: Hashable, Sendable {
    let relation: String
    let curve: String
  }

  /// One node in words, for whoever doesn't see the drawing.
  struct Row: Hashable, Sendable {
    let name: String
    let kind: String
    let path: String?
    let detail: String
    let origins: String
  }

  /// The most nodes that are drawn: those nearest to the subject.
  static let nodeLimit = 160
  private static let margin = 6.0

  let nodes: [Node]
  let edges: [Edge]
  let rows: [Row]
  let width: String
  let height: String
  let nodeWidth = "\(Int(LineageLayout.nodeWidth))"
  let nodeHeight = "\(Int(LineageLayout.nodeHeight))"
  let summary: String
  /// Whether there is more than is drawn.
  let isCut: Bool

  init(_ graph: LineageGraph) {
    let drawn = Self.nearest(graph)
    let positions = Dictionary(uniqueKeysWithValues: drawn.enumerated().map { ($1.key, $0) })
    let shown = graph.edges.filter { positions[$0.from] != nil && positions[$0.to] != nil }
    let layout = LineageLayout(
      count: drawn.count,
      edges: shown.map {
        LineageLayout.Edge(
          from: positions[$0.from] ?? 0, to: positions[$0.to] ?? 0, weight: $0.relation == .base ? 40 : 1)
      })
    nodes = zip(drawn, layout.centers).map { node, center in
      Node(
        node, isSubject: node.key == graph.subject,
        x: center.x - LineageLayout.nodeWidth / 2 + Self.margin,
        y: center.y - LineageLayout.nodeHeight / 2 + Self.margin)
    }
    edges = zip(shown, layout.routes).map { edge, route in
      Edge(relation: edge.relation.rawValue, curve: Self.curve(route))
    }
    let origins = Dictionary(grouping: shown, by: \.to)
    rows = drawn.map { node in
      Row(node, origins: (origins[node.key] ?? []).map { Self.name($0.from, 40) }.joined(separator: ", "))
    }
    width = Self.text(layout.width + 2 * Self.margin)
    height = Self.text(layout.height + 2 * Self.margin)
    summary =
      "\(Shown.count(Int64(drawn.count), "node")) and \(Shown.count(Int64(shown.count), "edge")) around "
      + Self.name(graph.subject, 80)
    isCut = graph.isCut || drawn.count < graph.nodes.count
  }

  /// Breadth first from the subject, along edges either way.
  private static func nearest(_ graph: LineageGraph) -> [LineageGraph.Node] {
    guard graph.nodes.count > nodeLimit else { return graph.nodes }
    var neighbours: [LineageGraph.Key: [LineageGraph.Key]] = [:]
    for edge in graph.edges {
      neighbours[edge.from, default: []].append(edge.to)
      neighbours[edge.to, default: []].append(edge.from)
    }
    var taken: Set = [graph.subject]
    var queue = [graph.subject]
    var next = 0
    while next < queue.count, queue.count < nodeLimit {
      for key in neighbours[queue[next]] ?? [] where queue.count < nodeLimit && taken.insert(key).inserted {
        queue.append(key)
      }
      next += 1
    }
    return graph.nodes.filter { taken.contains($0.key) }
  }

  /// Leaves each point downwards and comes to the next from above.
  private static func curve(_ route: [LineageLayout.Point]) -> String {
    guard let first = route.first else { return "" }
    var path = "M\(text(first.x + margin)) \(text(first.y + margin))"
    for (from, to) in zip(route, route.dropFirst()) {
      let half = (from.y + to.y) / 2 + margin
      path +=
        "C\(text(from.x + margin)) \(text(half)) \(text(to.x + margin)) \(text(half)) "
        + "\(text(to.x + margin)) \(text(to.y + margin))"
    }
    return path
  }

  fileprivate static func text(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }

  /// A node's name, with digests cut short.
  fileprivate static func name(_ key: LineageGraph.Key, _ count: Int) -> String {
    Shown.fitted(Shown.digest(key.id), count)
  }
}

extension LineagePicture.Node {
  fileprivate init(_ node: LineageGraph.Node, isSubject: Bool, x: Double, y: Double) {
    self.x = LineagePicture.text(x)
    self.y = LineagePicture.text(y)
    kind = node.key.kind.rawValue
    name = LineagePicture.name(node.key, 22)
    title = "\(node.key.kind.rawValue) \(node.key.id)"
    detail = Self.detail(node)
    hasDetail = !detail.isEmpty
    path = Self.path(node)
    self.isSubject = isSubject
    isActive = node.facts["active"]?.asBool ?? false
    isKnown = node.isKnown
  }

  fileprivate static func detail(_ node: LineageGraph.Node) -> String {
    if !node.isKnown { return "not known here" }
    if node.facts["active"]?.asBool == true { return "active" }
    if let count = node.facts["episodes"]?.asInt { return Shown.count(count, "episode") }
    if let steps = node.facts["steps"]?.asInt { return Shown.count(steps, "step") }
    if node.facts["installed"]?.asBool == true { return "installed" }
    return ""
  }

  fileprivate static func path(_ node: LineageGraph.Node) -> String? {
    switch node.key.kind {
    case .version: node.isKnown ? PagePath.lineage(node.key.id) : nil
    case .job, .archive, .episode: PagePath.lineage("\(node.key.kind.rawValue):\(node.key.id)")
    case .evaluation: nil
    }
  }
}

extension LineagePicture.Row {
  fileprivate init(_ node: LineageGraph.Node, origins: String) {
    name = LineagePicture.name(node.key, 60)
    kind = node.key.kind.rawValue
    path = LineagePicture.Node.path(node)
    detail = LineagePicture.Node.detail(node)
    self.origins = origins
  }
}
