import Foundation
import Synchronization
import TestSupport

/// Patterns that live as long as the process; the folders go when it ends.
private let patterns = Mutex<[StoreFixture]>([])

private func removePatterns() {
  let paths = patterns.withLock { $0.map(\.scratch.path) }
  for path in paths { try? FileManager.default.removeItem(atPath: path) }
}

extension StoreFixture {
  private static let readyPattern = Result { try StoreFixture.ready("pattern").kept() }

  /// A store as ``ready(_:)`` makes it, v1 confirmed and active and v2, v3 installed, in a fiftieth of the time: copied,
  /// not made durable step by step. Its stamps don't hold, so what it activates is hashed first.
  static func copied() throws -> StoreFixture { try StoreFixture(copying: readyPattern.get()) }

  /// Keeps this store as a pattern to copy until the process ends.
  func kept() -> StoreFixture {
    let isFirst = patterns.withLock { kept in
      kept.append(self)
      return kept.count == 1
    }
    if isFirst { atexit { removePatterns() } }
    return self
  }
}
