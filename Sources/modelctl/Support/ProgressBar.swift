import Foundation
import ModelRegistry
import Synchronization

/// A bar on stderr for long work, on a terminal only: bytes, rate, time left; at most ten times a second.
final class ProgressBar: Sendable {
  private let title: String
  private let start = ContinuousClock.now
  private let lastDrawn = Mutex(ContinuousClock.now - .seconds(1))

  /// Nil where nobody would see it.
  init?(_ title: String, _ options: GlobalOptions) {
    guard Terminal.isErrorATerminal, !options.quiet, !options.json else { return nil }
    self.title = title
  }

  func show(_ done: Int64, _ total: Int64) {
    let now = ContinuousClock.now
    let isDue = lastDrawn.withLock { last in
      guard now - last > .milliseconds(100) || done >= total else { return false }
      last = now
      return true
    }
    guard isDue, total > 0 else { return }
    let share = min(1, Double(done) / Double(total))
    let seconds = max(0.001, (now - start) / .seconds(1))
    let rate = Double(done) / seconds
    let left = rate > 0 ? Int(Double(total - done) / rate) : 0
    let filled = Int(share * 24)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
    let text =
      "\(title) \(bar) \(Int(share * 100)) %  \(ByteCount(bytes: done)) of \(ByteCount(bytes: total))  "
      + "\(ByteCount(bytes: Int64(rate)))/s  \(left) s left"
    FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
  }

  func finish() { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
}
