import Synchronization

/// Names of requests: no two of one service are alike, and hardly two of different ones. They are no secrets.
enum RequestNumbers {
  private static let start = RandomText.make().prefix(24)
  private static let count = Atomic<UInt32>(0)

  static func next() -> String {
    let text = String(count.add(1, ordering: .relaxed).newValue, radix: 16)
    return start + String(repeating: "0", count: 8 - text.count) + text
  }
}
