import Foundation
import RegistryModel
import Synchronization

/// A job in a worker's hands: signs of life on a thread of its own, and every change by compare-and-swap.
///
/// A change that finds somebody else in the document says that the job is lost: then nothing more is written by this
/// worker. A store that can't be reached is no loss by itself; whoever took the job over meanwhile is met later.
final class JobHold: Sendable {
  private struct State {
    var stored: StoredJob
    var progress: TrainerProgress?
    var isLost = false
    var isOver = false
  }

  private let jobs: any JobStore
  private let now: @Sendable () -> Timestamp
  private let interval: Double
  private let state: Mutex<State>
  private let changing = NSLock()
  let holder: TrainingJob.Worker

  init?(
    _ stored: StoredJob, _ jobs: any JobStore, intervalMilliseconds: Int64,
    now: @escaping @Sendable () -> Timestamp
  ) {
    guard let worker = stored.job.worker else { return nil }
    holder = worker
    self.jobs = jobs
    self.now = now
    interval = Double(intervalMilliseconds) / 1000
    state = Mutex(State(stored: stored))
  }

  var job: TrainingJob { state.withLock { $0.stored.job } }
  /// Whether somebody else has the job, or it was ended.
  var isLost: Bool { state.withLock(\.isLost) }
  func note(_ progress: TrainerProgress) { state.withLock { $0.progress = progress } }

  /// Begins to give signs of life.
  func begin() {
    Thread.detachNewThread { [self] in
      while true {
        var waited = 0.0
        while waited < interval {
          Thread.sleep(forTimeInterval: min(0.1, interval - waited))
          waited += 0.1
          if state.withLock({ $0.isOver || $0.isLost }) { return }
        }
        let progress = state.withLock(\.progress)
        // What can't be written now is written with the next one.
        _ = try? change(.heartbeat(holder, progress))
      }
    }
  }

  func end() { state.withLock { $0.isOver = true } }

  /// Changes the job; nil where it isn't ours any more.
  @discardableResult
  func change(_ change: TrainingJob.Change) throws(RegistryError) -> StoredJob? {
    changing.lock()
    defer { changing.unlock() }
    for _ in 0..<20 {
      let stored = state.withLock(\.stored)
      guard !isLost else { return nil }
      let next: TrainingJob
      do {
        next = try stored.job.applying(change, at: now())
      } catch {
        return lost()
      }
      if let changed = try jobs.replace(stored, with: next) {
        state.withLock { $0.stored = changed }
        return changed
      }
      guard let current = try jobs.read(stored.job.id) else { return lost() }
      state.withLock { $0.stored = current }
    }
    throw RegistryError(.busy, "others keep changing \(job.id)", hint: "try again")
  }

  private func lost() -> StoredJob? {
    state.withLock { $0.isLost = true }
    return nil
  }
}
