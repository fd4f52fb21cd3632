/// The graph for Graphviz: `modelctl lineage REF --format dot | dot -Tsvg`.
extension LineageGraph {
  public var dot: String {
    var lines = [
      "digraph lineage {", "  rankdir=LR;",
      "  node [fontname=\"Helvetica\", fontsize=10, style=filled, color=\"#555555\"];",
      "  edge [color=\"#888888\", arrowsize=0.7];",
    ]
    for node in nodes {
      var attributes = Self.looks[node.key.kind] ?? ""
      if !node.isKnown { attributes += ", style=\"filled,dashed\"" }
      if node.key == subject { attributes += ", penwidth=2.5, color=\"#000000\"" }
      lines.append("  \(Self.name(node.key)) [label=\"\(label(node))\", \(attributes)];")
    }
    for edge in edges {
      let style = edge.relation == .base ? " [color=\"#1f5f8b\", penwidth=1.6]" : ""
      lines.append("  \(Self.name(edge.from)) -> \(Self.name(edge.to))\(style);")
    }
    return (lines + ["}"]).joined(separator: "\n")
  }

  private static let looks: [Kind: String] = [
    .version: "shape=box, fillcolor=\"#cfe8fc\"", .job: "shape=component, fillcolor=\"#e6dcf5\"",
    .archive: "shape=cylinder, fillcolor=\"#fdf0c8\"", .episode: "shape=ellipse, fillcolor=\"#ffffff\"",
    .evaluation: "shape=note, fillcolor=\"#d9f2d9\"",
  ]

  private static func name(_ key: Key) -> String { "\"\(key.kind.rawValue) \(escaped(key.id))\"" }

  private func label(_ node: Node) -> String {
    var lines = [Self.escaped(Self.shortened(node.key))]
    if let count = node.facts["episodes"]?.asInt { lines.append("\(count) episodes") }
    if node.facts["active"]?.asBool == true { lines.append("active") }
    return lines.joined(separator: "\\n")
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.printable {
      if character == "\"" || character == "\\" { result.append("\\") }
      result.append(character)
    }
    return result
  }
}
