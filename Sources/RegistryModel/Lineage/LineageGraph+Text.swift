/// The graph as lines for people.
extension LineageGraph {
  /// Deeper lines aren't moved further to the right: they say their level instead.
  private static let deepestIndent = 16

  /// What the subject was made from, and what came of it: one line a node, indented by how far it is.
  ///
  /// A base stands at the same level as the version that it is the base of, behind what else that was made from: a line
  /// of versions reads like a log, however long it is. What was shown before is marked and not shown again.
  public var text: String {
    var lines = [line(subject, nil)]
    var shown: Set<Key> = [subject]
    let origins = Dictionary(grouping: edges, by: \.to)
    let results = Dictionary(grouping: edges, by: \.from)
    if origins[subject] != nil {
      lines.append("made from")
      lines += walk(origins, \.from, { $0.relation.rawValue }, isFlat: { $0.relation == .base }, &shown)
    }
    if results[subject] != nil {
      lines.append("what came of it")
      lines += walk(results, \.to, { $0.to.kind.rawValue }, isFlat: { _ in false }, &shown)
    }
    if isCut { lines.append("… there is more: --depth says how far to go") }
    return lines.joined(separator: "\n")
  }

  private struct Step {
    let edge: Edge
    let level: Int
  }

  private func walk(
    _ next: [Key: [Edge]], _ end: KeyPath<Edge, Key>, _ label: (Edge) -> String, isFlat: (Edge) -> Bool,
    _ shown: inout Set<Key>
  ) -> [String] {
    var lines: [String] = []
    func steps(_ key: Key, _ level: Int) -> [Step] {
      let edges = (next[key] ?? []).sorted { order($0, end, isFlat) < order($1, end, isFlat) }
      // A stack: what is to come first is pushed last.
      return edges.map { Step(edge: $0, level: isFlat($0) ? level : level + 1) }.reversed()
    }
    var stack = steps(subject, 0)
    while let step = stack.popLast() {
      let key = step.edge[keyPath: end]
      let isNew = shown.insert(key).inserted
      let isRepeated = !isNew && next[key] != nil
      let indent = String(repeating: "  ", count: min(step.level, Self.deepestIndent))
      let depth = step.level > Self.deepestIndent ? "(\(step.level)) " : ""
      lines.append(
        "  \(indent)\(depth)\(line(key, label(step.edge)))\(isRepeated ? "  (shown above)" : "")")
      if isNew { stack += steps(key, step.level) }
    }
    return lines
  }

  /// By relation, and within it by time: digests have no order that means anything.
  private func order(
    _ edge: Edge, _ end: KeyPath<Edge, Key>, _ isFlat: (Edge) -> Bool
  ) -> (Int, String, String, String) {
    let key = edge[keyPath: end]
    let time = self[key]?.facts["created_at"]?.asString ?? ""
    return (isFlat(edge) ? 1 : 0, edge.relation.rawValue, time, key.id)
  }

  private func line(_ key: Key, _ label: String?) -> String {
    let node = self[key]
    var words = [label.map { $0.padded(to: 10) } ?? "", Self.shortened(key)]
    words.append(contentsOf: remarks(node))
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }

  private func remarks(_ node: Node?) -> [String] {
    guard let node else { return [] }
    var remarks: [String] = []
    if !node.isKnown { remarks.append("not known here") }
    if let robot = node.facts["robot"]?.asString { remarks.append(robot) }
    if let count = node.facts["episodes"]?.asInt { remarks.append("\(count) episodes") }
    if let steps = node.facts["steps"]?.asInt { remarks.append("\(steps) steps") }
    if let at = node.facts["created_at"]?.asString ?? node.facts["at"]?.asString { remarks.append(at) }
    if let by = node.facts["by"]?.asString { remarks.append("by \(by)") }
    if node.facts["active"]?.asBool == true {
      remarks.append("active")
    } else if node.facts["installed"]?.asBool == true {
      remarks.append("installed")
    }
    return remarks.isEmpty ? [] : ["(\(remarks.joined(separator: ", ")))"]
  }

  /// A digest's beginning is enough for a line.
  static func shortened(_ key: Key) -> String {
    (try? Digest(parsing: key.id))?.short ?? key.id.printable
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
