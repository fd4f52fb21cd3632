import CloudTraining
import Foundation
import RegistryModel
import Synchronization

/// Looks now and then, on a thread of its own, for jobs that wait although their events were dealt with.
final class ResumeRounds: Sendable {
  private static let longestSeconds = 30.0

  private let receiver: EventReceiver
  private let journal: ServeJournal
  private let seconds: Double
  private let isOver = DispatchSemaphore(value: 0)

  init(_ receiver: EventReceiver, _ journal: ServeJournal, takeoverMilliseconds: Int64) {
    self.receiver = receiver
    self.journal = journal
    seconds = min(Self.longestSeconds, Double(takeoverMilliseconds) / 2000)
  }

  func begin() {
    Thread.detachNewThread { [self] in
      repeat { round() } while isOver.wait(timeout: .now() + seconds) == .timedOut
    }
  }

  func end() { isOver.signal() }

  private func round() {
    do {
      for answer in try receiver.resume() { journal.answered(answer) }
    } catch {
      journal.say("jobs that wait can't be looked for: \(error)")
    }
  }
}
