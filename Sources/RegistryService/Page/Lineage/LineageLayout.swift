/// Where the nodes of a layered drawing stand: none overlaps another, few edges cross, and what belongs together is near.
///
/// A value of its input alone. Edges over several layers keep a lane of their own, so that they pass beside nodes and
/// not behind them, as long as there are at most ``laneLimit`` of these.
struct LineageLayout: Hashable {
  struct Point: Hashable {
    var x: Double
    var y: Double
  }

  static let nodeWidth = 184.0
  static let nodeHeight = 50.0
  static let columnGap = 20.0
  static let rowGap = 46.0
  private static let laneWidth = 10.0
  static let laneLimit = 2_000
  private static let rounds = 6

  /// The middle of each node.
  let centers: [Point]
  /// The points that each edge passes, from the foot of one node to the head of another; empty where an edge isn't drawn.
  let routes: [[Point]]
  let width: Double
  let height: Double

  /// An edge between two nodes; the heavier it is, the straighter it is drawn.
  struct Edge {
    let from: Int
    let to: Int
    var weight = 1.0
  }

  /// - Parameters:
  ///   - count: how many nodes there are.
  ///   - edges: an edge with equal or unknown ends isn't drawn.
  init(count: Int, edges: [Edge]) {
    let layers = LineageLayers(count: count, edges: edges.map { ($0.from, $0.to) })
    var grid = Grid(layers.layer, edges, lanes: Self.laneLimit)
    for round in 0..<Self.rounds { grid.sort(downwards: round.isMultiple(of: 2)) }
    let xs = grid.columns(rounds: Self.rounds)
    // Of lanes as of nodes: an edge may pass beside all of them.
    let left = zip(xs, grid.widths).map { $0 - $1 / 2 }.min() ?? 0
    let right = zip(xs, grid.widths).map { $0 + $1 / 2 }.max() ?? 0
    let step = Self.nodeHeight + Self.rowGap
    func center(_ item: Int) -> Point {
      Point(x: (xs[item] - left).rounded(), y: Double(grid.layer[item]) * step + Self.nodeHeight / 2)
    }
    let centers = (0..<count).map(center)
    self.centers = centers
    routes = grid.chains.map { chain in
      guard let first = chain.first, let last = chain.last, chain.count > 1 else { return [] }
      // An edge that closes a cycle runs upwards.
      let isUp = grid.layer[first] >= grid.layer[last]
      let reach = isUp ? -Self.nodeHeight / 2 : Self.nodeHeight / 2
      let start = Point(x: centers[first].x, y: centers[first].y + reach)
      let end = Point(x: centers[last].x, y: centers[last].y - reach)
      let lanes = chain.dropFirst().dropLast().flatMap { item in
        let middle = center(item)
        return [-reach, reach].map { Point(x: middle.x, y: middle.y + $0) }
      }
      return [start] + lanes + [end]
    }
    width = (right - left).rounded(.up)
    height = (centers.map { $0.y + Self.nodeHeight / 2 }.max() ?? 0).rounded(.up)
  }

  /// Nodes, and the lanes of long edges, in rows.
  private struct Grid {
    /// By item: first the nodes, then the lanes.
    var layer: [Int]
    var widths: [Double]
    var rows: [[Int]]
    /// What each item is joined to in the row above and below, and how strongly.
    var up: [[Joint]]
    var down: [[Joint]]
    /// The items that each edge passes.
    var chains: [[Int]]

    typealias Joint = (item: Int, weight: Double)

    init(_ layers: [Int], _ edges: [Edge], lanes limit: Int) {
      layer = layers
      widths = layers.map { _ in LineageLayout.nodeWidth }
      let known = layers.indices
      var left = limit
      chains = []
      for edge in edges {
        guard known.contains(edge.from), known.contains(edge.to), edge.from != edge.to else {
          chains.append([])
          continue
        }
        var chain = [edge.from]
        let span = layers[edge.to] - layers[edge.from]
        if span > 1, span - 1 <= left {
          left -= span - 1
          for row in (layers[edge.from] + 1)..<layers[edge.to] {
            chain.append(layer.count)
            layer.append(row)
            widths.append(LineageLayout.laneWidth)
          }
        }
        chains.append(chain + [edge.to])
      }
      rows = [[Int]](repeating: [], count: 1 + (layer.max() ?? -1))
      for (item, row) in layer.enumerated() { rows[row].append(item) }
      up = [[Joint]](repeating: [], count: layer.count)
      down = up
      for (edge, chain) in zip(edges, chains) {
        for (from, to) in zip(chain, chain.dropFirst()) where layer[from] < layer[to] {
          down[from].append((to, edge.weight))
          up[to].append((from, edge.weight))
        }
      }
    }

    /// Brings each row into the order of what its items are joined to in the rows before it.
    mutating func sort(downwards: Bool) {
      var place = [Double](repeating: 0, count: layer.count)
      func note(_ row: Int) {
        let count = Double(max(1, rows[row].count))
        for (position, item) in rows[row].enumerated() { place[item] = (Double(position) + 0.5) / count }
      }
      for row in rows.indices { note(row) }
      for row in downwards ? Array(rows.indices) : rows.indices.reversed() {
        let wanted = rows[row].map { item in
          (item: item, at: Self.mean(downwards ? up[item] : down[item], place) ?? place[item])
        }
        rows[row] = wanted.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
          .map(\.element.item)
        note(row)
      }
    }

    /// The middles of all items: each near what it is joined to, as far as its row has room.
    func columns(rounds: Int) -> [Double] {
      var xs = [Double](repeating: 0, count: layer.count)
      for row in rows {
        var right = -Double(row.count) * (LineageLayout.nodeWidth + LineageLayout.columnGap) / 2
        for item in row {
          xs[item] = right + widths[item] / 2
          right += widths[item] + LineageLayout.columnGap
        }
      }
      for round in 0..<rounds {
        let isDown = round.isMultiple(of: 2)
        for row in isDown ? rows : rows.reversed() {
          let wanted = row.map { item in
            let near = isDown ? up[item] : down[item]
            return Wish(
              at: Self.mean(near, xs) ?? Self.mean(up[item] + down[item], xs) ?? xs[item],
              weight: (up[item] + down[item]).map(\.weight).max() ?? 1, width: widths[item])
          }
          for (item, x) in zip(row, Self.spread(wanted)) { xs[item] = x }
        }
      }
      return xs
    }

    /// Where the items that something is joined to are, in the middle; nil where it is joined to none.
    private static func mean(_ joints: [Joint], _ places: [Double]) -> Double? {
      let weight = joints.reduce(0) { $0 + $1.weight }
      return weight > 0 ? joints.reduce(0) { $0 + $1.weight * places[$1.item] } / weight : nil
    }

    /// Where an item would like to be, how much, and how wide it is.
    private struct Wish {
      let at: Double
      let weight: Double
      let width: Double
    }

    /// The places nearest to those that are wished for, in their order and without overlap: weighted least squares under
    /// "each a gap right of the one before" (pool adjacent violators).
    private static func spread(_ wishes: [Wish]) -> [Double] {
      var offset = 0.0
      var offsets: [Double] = []
      for (index, wish) in wishes.enumerated() {
        if index > 0 { offset += (wishes[index - 1].width + wish.width) / 2 + LineageLayout.columnGap }
        offsets.append(offset)
      }
      var blocks: [(sum: Double, weight: Double, count: Int)] = []
      for (wish, offset) in zip(wishes, offsets) {
        blocks.append((wish.weight * (wish.at - offset), wish.weight, 1))
        while blocks.count > 1, case let last = blocks[blocks.count - 1],
          case let before = blocks[blocks.count - 2], before.sum / before.weight > last.sum / last.weight
        {
          blocks.removeLast(2)
          blocks.append((before.sum + last.sum, before.weight + last.weight, before.count + last.count))
        }
      }
      let fitted = blocks.flatMap { [Double](repeating: $0.sum / $0.weight, count: $0.count) }
      return zip(fitted, offsets).map { $0 + $1 }
    }
  }
}
