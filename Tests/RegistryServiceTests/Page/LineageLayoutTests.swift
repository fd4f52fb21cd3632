import RegistryModel
import Testing

@testable import RegistryService

@Suite struct `The layers of a lineage` {
  private func layers(_ count: Int, _ edges: (Int, Int)...) -> [Int] {
    LineageLayers(count: count, edges: edges.map { (from: $0.0, to: $0.1) }).layer
  }

  @Test func `lead from what was there to what was made`() {
    #expect(layers(3, (0, 1), (1, 2)) == [0, 1, 2])
    #expect(layers(3, (2, 1), (1, 0)) == [2, 1, 0])
  }

  @Test func `put an origin right above what was made of it`() {
    // A chain of four, and a job of the last one.
    #expect(layers(5, (0, 1), (1, 2), (2, 3), (4, 3)) == [0, 1, 2, 3, 2])
    // An episode, its archive, and the last of the chain.
    #expect(layers(6, (0, 1), (1, 2), (2, 3), (4, 5), (5, 3)) == [0, 1, 2, 3, 1, 2])
  }

  @Test func `put a result right below what it is of`() {
    #expect(layers(5, (0, 1), (1, 2), (2, 3), (0, 4)) == [0, 1, 2, 3, 1])
  }

  @Test func `end where the edges go in circles`() {
    #expect(layers(3, (0, 1), (1, 2), (2, 0)) == [0, 1, 2])
    #expect(layers(1, (0, 0)) == [0])
    #expect(Set(layers(4, (0, 1), (1, 0), (2, 3), (3, 2))) == [0, 1])
  }

  @Test func `leave out edges to nowhere`() {
    #expect(layers(2, (0, 7), (-1, 1), (0, 1)) == [0, 1])
    #expect(layers(0) == [])
  }

  @Test func `of ten thousand versions in a row are as many`() {
    let edges = (0..<9_999).map { (from: $0, to: $0 + 1) }
    #expect(LineageLayers(count: 10_000, edges: edges).layer == Array(0..<10_000))
    let circle = edges + [(from: 9_999, to: 0)]
    #expect(LineageLayers(count: 10_000, edges: circle).layer == Array(0..<10_000))
  }
}

@Suite struct `The layout of a lineage` {
  private typealias Edge = LineageLayout.Edge

  /// No two nodes overlap, none lies outside and no edge runs there, and an edge without a cycle runs downwards.
  private func check(
    _ layout: LineageLayout, _ edges: [Edge], acyclic: Bool = true, _ at: SourceLocation = #_sourceLocation
  ) {
    let (width, height) = (LineageLayout.nodeWidth, LineageLayout.nodeHeight)
    let sorted = layout.centers.sorted { ($0.y, $0.x) < ($1.y, $1.x) }
    for (one, other) in zip(sorted, sorted.dropFirst()) {
      #expect(
        one.y + height <= other.y || one.x + width <= other.x, "\(one) and \(other)", sourceLocation: at)
    }
    for center in layout.centers {
      #expect(center.x >= width / 2 && center.x + width / 2 <= layout.width, sourceLocation: at)
      #expect(center.y >= height / 2 && center.y + height / 2 <= layout.height, sourceLocation: at)
    }
    for point in layout.routes.joined() {
      #expect(0...layout.width ~= point.x && 0...layout.height ~= point.y, "\(point)", sourceLocation: at)
    }
    #expect(layout.routes.count == edges.count, sourceLocation: at)
    guard acyclic else { return }
    for edge in edges {
      #expect(layout.centers[edge.from].y < layout.centers[edge.to].y, "\(edge)", sourceLocation: at)
    }
  }

  @Test func `of nothing, and of one node`() {
    let none = LineageLayout(count: 0, edges: [])
    #expect(none.centers.isEmpty && none.width == 0)
    let one = LineageLayout(count: 1, edges: [Edge(from: 0, to: 0)])
    #expect(one.routes == [[]])
    check(one, [Edge(from: 0, to: 0)], acyclic: false)
  }

  @Test func `keeps a chain straight, whatever stands beside it`() {
    // Versions 0…9; each has a job beside its base.
    let chain = (1..<10).flatMap { number in
      [Edge(from: number - 1, to: number, weight: 40), Edge(from: 10 + number, to: number)]
    }
    let layout = LineageLayout(count: 20, edges: chain)
    check(layout, chain)
    let xs = layout.centers[0..<10].map(\.x)
    let drift = (xs.max() ?? 0) - (xs.min() ?? 0)
    #expect(drift < LineageLayout.nodeWidth, "\(xs)")
  }

  @Test func `lets a long edge pass beside the nodes`() {
    let edges = (1..<6).map { Edge(from: $0 - 1, to: $0) } + [Edge(from: 0, to: 5)]
    let layout = LineageLayout(count: 6, edges: edges)
    check(layout, edges)
    for point in layout.routes[5].dropFirst().dropLast() {
      for center in layout.centers[1..<5] where abs(center.y - point.y) <= LineageLayout.nodeHeight / 2 {
        #expect(abs(center.x - point.x) > LineageLayout.nodeWidth / 2, "\(point) in \(center)")
      }
    }
  }

  @Test func `draws cycles`() {
    let edges = [Edge(from: 0, to: 1), Edge(from: 1, to: 2), Edge(from: 2, to: 0)]
    let layout = LineageLayout(count: 3, edges: edges)
    check(layout, edges, acyclic: false)
    #expect(layout.routes.allSatisfy { $0.count == 2 })
  }

  @Test func `of a thousand results of one version overlaps nowhere`() {
    let edges = (1...1_000).map { Edge(from: 0, to: $0) }
    check(LineageLayout(count: 1_001, edges: edges), edges)
  }

  @Test func `of a chain of ten thousand ends`() {
    let edges = (0..<9_999).map { Edge(from: $0, to: $0 + 1) }
    let layout = LineageLayout(count: 10_000, edges: edges)
    #expect(layout.centers.last?.y == layout.height - LineageLayout.nodeHeight / 2)
    #expect(Set(layout.centers.map(\.x)).count == 1)
  }

  @Test func `with more long edges than lanes ends, too`() {
    let chain = (0..<199).map { Edge(from: $0, to: $0 + 1) }
    let all = chain + (0..<198).map { Edge(from: $0, to: 199) }
    check(LineageLayout(count: 200, edges: all), all)
  }

  @Test(arguments: 1...40) func `of any graph overlaps nowhere`(_ seed: UInt64) {
    var numbers = Numbers(state: seed)
    let count = Int(numbers.next() % 60) + 2
    let edges = (0..<Int(numbers.next() % 120)).map { _ in
      Edge(
        from: Int(numbers.next() % UInt64(count)), to: Int(numbers.next() % UInt64(count)),
        weight: Double(numbers.next() % 5 + 1))
    }
    let forward = edges.map { Edge(from: min($0.from, $0.to), to: max($0.from, $0.to), weight: $0.weight) }
      .filter { $0.from != $0.to }
    check(LineageLayout(count: count, edges: forward), forward)
    check(LineageLayout(count: count, edges: edges), edges, acyclic: false)
    #expect(LineageLayout(count: count, edges: edges) == LineageLayout(count: count, edges: edges))
  }

  /// SplitMix64: the same numbers for the same seed.
  private struct Numbers {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return (mixed ^ mixed >> 31) >> 8
    }
  }
}

@Suite struct `The picture of a lineage` {
  typealias Key = LineageGraph.Key

  @Test func `leads from node to node`() {
    let picture = LineagePicture(PageExamples.lineage)
    #expect(picture.nodes.count == 15 && picture.edges.count == 16)
    #expect(picture.nodes.count { $0.isSubject } == 1)
    #expect(picture.nodes.first { $0.kind == "job" }?.path?.hasPrefix("/lineage?subject=job%3A") == true)
    #expect(picture.nodes.first { $0.kind == "evaluation" }?.path == nil)
    #expect(!picture.isCut)
    #expect(picture.rows.count == 15)
  }

  @Test func `of a long chain shows what is near`() {
    var graph = LineageGraph(subject: Key(.version, "robot_001_v5000"))
    for number in 1...10_000 {
      graph.add(LineageGraph.Node(Key(.version, "robot_001_v\(number)")))
      guard number > 1 else { continue }
      graph.add(
        LineageGraph.Edge(
          from: Key(.version, "robot_001_v\(number - 1)"), to: Key(.version, "robot_001_v\(number)"), .base))
    }
    let picture = LineagePicture(graph)
    #expect(picture.nodes.count == LineagePicture.nodeLimit)
    #expect(picture.isCut)
    #expect(picture.nodes.contains { $0.name == "robot_001_v4930" })
    #expect(picture.nodes.contains { $0.name == "robot_001_v5070" })
  }

  @Test func `has what isn't known, without a link`() {
    var graph = LineageGraph(subject: Key(.version, "sha256:x"))
    graph.add(LineageGraph.Node(Key(.version, "sha256:x"), isKnown: false))
    let picture = LineagePicture(graph)
    #expect(picture.nodes.first?.path == nil)
    #expect(picture.nodes.first?.detail == "not known here")
  }

  @Test func `cuts long names in the middle`() {
    #expect(Shown.fitted("abcdefghij", 6) == "abc…ij")
    #expect(Shown.fitted("abcdef", 6) == "abcdef")
  }
}
