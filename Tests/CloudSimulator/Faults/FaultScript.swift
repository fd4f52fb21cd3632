import Synchronization

/// The faults of a simulator, in order: the first that matches a request and isn't used up happens.
///
/// The same seed and the same order of requests give the same faults.
package final class FaultScript: Sendable {
  private struct Progress {
    var rules: [(fault: Fault, seen: Int, happened: Int)]
    var random: SeededGenerator
  }

  private let progress: Mutex<Progress>

  package init(_ faults: [Fault] = [], seed: UInt64 = 0) {
    progress = Mutex(
      Progress(rules: faults.map { ($0, 0, 0) }, random: SeededGenerator(state: seed)))
  }

  package func add(_ fault: Fault) { progress.withLock { $0.rules.append((fault, 0, 0)) } }

  package func removeAll() { progress.withLock { $0.rules = [] } }

  /// How often faults happened.
  package var happenedCount: Int { progress.withLock { $0.rules.reduce(0) { $0 + $1.happened } } }

  /// What goes wrong with this request; it counts as having happened.
  func take(_ request: Request, _ kind: RequestKind) -> Fault.Action? {
    progress.withLock { progress in
      for index in progress.rules.indices {
        let rule = progress.rules[index]
        guard rule.fault.matches(request, kind) else { continue }
        progress.rules[index].seen += 1
        if rule.seen < rule.fault.skip { continue }
        if let times = rule.fault.times, rule.happened >= times { continue }
        if let probability = rule.fault.probability,
          Double.random(in: 0..<1, using: &progress.random) >= probability
        {
          continue
        }
        progress.rules[index].happened += 1
        return rule.fault.action
      }
      return nil
    }
  }
}

/// SplitMix64.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
