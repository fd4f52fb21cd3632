import Foundation

/// Samples that chance has changed. `MODELCTL_TEST_MUTATIONS` says how many there are, and `MODELCTL_TEST_SEED` from where on.
public struct Mutations: Sequence {
  private let samples: [[UInt8]]

  public init(of samples: [[UInt8]]) { self.samples = samples }

  private static func number(_ name: String, _ otherwise: UInt64) -> UInt64 {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? otherwise
  }

  public func makeIterator() -> some IteratorProtocol<(seed: UInt64, bytes: [UInt8])> {
    let first = Self.number("MODELCTL_TEST_SEED", 1)
    return (first..<first + Self.number("MODELCTL_TEST_MUTATIONS", 2_000)).lazy.map { seed in
      var mutator = Mutator(seed: seed)
      return (seed, mutator.mutate(samples))
    }.makeIterator()
  }
}
