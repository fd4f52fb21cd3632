/// Which layer of a drawing each node of a directed graph is in: an edge leads to a later layer.
///
/// Takes time in proportion to nodes and edges, whatever they say; the edges that close a cycle are left out of account.
struct LineageLayers: Hashable {
  /// By node.
  private(set) var layer: [Int]

  /// - Parameter edges: pairs of nodes, each from 0 to less than `count`; others are left out.
  init(count: Int, edges: [(from: Int, to: Int)]) {
    layer = [Int](repeating: 0, count: count)
    let range = 0..<count
    let edges = edges.filter { $0.from != $0.to && range.contains($0.from) && range.contains($0.to) }
    let order = Self.order(count, edges)
    var position = [Int](repeating: 0, count: count)
    for (index, node) in order.enumerated() { position[node] = index }
    var after = [[Int]](repeating: [], count: count)
    var before = after
    for edge in edges where position[edge.from] < position[edge.to] {
      after[edge.from].append(edge.to)
      before[edge.to].append(edge.from)
    }
    for node in order { layer[node] = before[node].map { layer[$0] + 1 }.max() ?? 0 }
    // What something was made from stands right above it, and not at the top of the picture.
    for node in order.reversed() {
      if let earliest = after[node].map({ layer[$0] }).min() { layer[node] = earliest - 1 }
    }
    for node in order where after[node].isEmpty {
      layer[node] = before[node].map { layer[$0] + 1 }.max() ?? layer[node]
    }
  }

  /// Every node after those that lead to it, but for what closes a cycle (Kahn).
  private static func order(_ count: Int, _ edges: [(from: Int, to: Int)]) -> [Int] {
    var after = [[Int]](repeating: [], count: count)
    var missing = [Int](repeating: 0, count: count)
    for edge in edges {
      after[edge.from].append(edge.to)
      missing[edge.to] += 1
    }
    var order = (0..<count).filter { missing[$0] == 0 }
    var isTaken = missing.map { $0 == 0 }
    var next = 0
    var candidate = 0
    while order.count < count || next < order.count {
      while next < order.count {
        let node = order[next]
        next += 1
        for target in after[node] where !isTaken[target] {
          missing[target] -= 1
          guard missing[target] == 0 else { continue }
          isTaken[target] = true
          order.append(target)
        }
      }
      while candidate < count, isTaken[candidate] { candidate += 1 }
      guard candidate < count else { break }
      // All that are left wait for one another: the first of them goes ahead.
      isTaken[candidate] = true
      order.append(candidate)
    }
    return order
  }
}
