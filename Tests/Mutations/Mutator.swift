/// Changes samples as chance, a bad medium or somebody with bad intentions would; the same for the same seed.
public struct Mutator {
  private static let words = [
    "0", "-1", "9223372036854775807", "9223372036854775808", "1e999", "null", "true", "[]", "{}", "..", "/",
    "\\u0000", "\\ud800", "\u{202e}", "%00", "[[[[[[[[", "sha256:", "_v", "@", ",", ":", "\"",
  ]
  private static let noText: [[UInt8]] = [
    [0], [0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
  ]
  private static let tokens = words.map { Array($0.utf8) } + noText

  private var generator: SeededGenerator

  public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// One sample, changed in one to four places, now and then with a piece of another.
  public mutating func mutate(_ samples: [[UInt8]]) -> [UInt8] {
    var bytes = samples.randomElement(using: &generator) ?? []
    for _ in 0..<Int.random(in: 1...4, using: &generator) { change(&bytes, samples) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], _ samples: [[UInt8]]) {
    let range = range(in: bytes)
    switch Int.random(in: 0..<7, using: &generator) {
    case 0 where !range.isEmpty: bytes[range.lowerBound] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 1 where !range.isEmpty: bytes[range.lowerBound] = UInt8.random(in: 0...255, using: &generator)
    case 2: bytes.removeSubrange(range)
    case 3: bytes.insert(contentsOf: bytes[range], at: range.lowerBound)
    case 4:
      let other = samples.randomElement(using: &generator) ?? []
      bytes.replaceSubrange(range, with: other[self.range(in: other)])
    case 5: bytes.removeSubrange(range.lowerBound...)
    default: bytes.replaceSubrange(range, with: Self.tokens.randomElement(using: &generator) ?? [])
    }
  }

  private mutating func range(in bytes: [UInt8]) -> Range<Int> {
    let start = Int.random(in: 0...bytes.count, using: &generator)
    let length = Int.random(in: 0...[1, 8, 64].randomElement(using: &generator)!, using: &generator)
    return start..<min(start + length, bytes.count)
  }
}
