/// Where versions come from, and what came of them: nodes and the edges between them.
///
/// An edge goes the way the data went: from a base, job or archive to the version that was made, from an episode to the
/// archive that holds it, from a version to its evaluation. A value only: whoever walks the index fills it.
public struct LineageGraph: Hashable, Sendable {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    case version, job, archive, episode, evaluation
  }

  /// Kind and name: names of different kinds may be equal.
  public struct Key: Hashable, Sendable {
    public let kind: Kind
    /// A version's name, a job's id, an episode's name, or the digest of an archive or evaluation.
    public let id: String

    public init(_ kind: Kind, _ id: String) {
      self.kind = kind
      self.id = id
    }
  }

  public struct Node: Hashable, Sendable {
    public let key: Key
    /// Whether this store knows more than the name: an ancestor may be elsewhere.
    public let isKnown: Bool
    /// What else there is to say, as JSON has it.
    public let facts: [String: JSONValue]

    public init(_ key: Key, isKnown: Bool = true, facts: [String: JSONValue] = [:]) {
      self.key = key
      self.isKnown = isKnown
      self.facts = facts
    }
  }

  public enum Relation: String, Hashable, Sendable { case base, job, archive, episode, evaluation }

  public struct Edge: Hashable, Sendable {
    public let from: Key
    public let to: Key
    public let relation: Relation

    public init(from: Key, to: Key, _ relation: Relation) {
      self.from = from
      self.to = to
      self.relation = relation
    }
  }

  /// What was asked about.
  public let subject: Key
  /// In the order in which they were found.
  public private(set) var nodes: [Node] = []
  public private(set) var edges: [Edge] = []
  /// What the walk met that can't be, such as a cycle.
  public var warnings: [String] = []
  /// Whether there is more than was asked for.
  public var isCut = false

  private var positions: [Key: Int] = [:]
  private var known: Set<Edge> = []

  public init(subject: Key) { self.subject = subject }

  public subscript(key: Key) -> Node? { positions[key].map { nodes[$0] } }

  /// Adds a node; false where it is there already.
  @discardableResult
  public mutating func add(_ node: Node) -> Bool {
    guard positions[node.key] == nil else { return false }
    positions[node.key] = nodes.count
    nodes.append(node)
    return true
  }

  public mutating func add(_ edge: Edge) {
    if known.insert(edge).inserted { edges.append(edge) }
  }

  /// `{nodes, edges}`, as the command line and the service answer.
  public var json: JSONValue {
    [
      "nodes": .array(
        nodes.map { node in
          .object(
            node.facts.merging([
              "id": .string(node.key.id), "kind": .string(node.key.kind.rawValue),
              "known": .bool(node.isKnown),
            ]) { $1 })
        }),
      "edges": .array(
        edges.map { edge in
          [
            "from": .string(edge.from.id), "to": .string(edge.to.id), "kind": .string(edge.relation.rawValue),
          ]
        }),
    ]
  }
}
