import RegistryModel
import Synchronization

/// What the service saw of the losses of jobs that are trained elsewhere, whose logs it doesn't have.
///
/// A job's document has its last loss only. Kept in memory, and noted whenever somebody looks.
final class LossSamples: Sendable {
  private static let jobLimit = 64
  private static let pointLimit = 512

  private let samples = Mutex<[String: [TrainerProgress]]>([:])

  /// - Parameter job: its document.
  func note(_ job: JSONValue) {
    guard let id = job.text("job_id"), let progress = job["progress"], let step = progress.whole("step"),
      let loss = progress.decimal("loss")
    else { return }
    let point = TrainerProgress(step: step, totalSteps: progress.whole("total_steps"), loss: loss)
    samples.withLock { samples in
      if samples[id] == nil, samples.count >= Self.jobLimit, let other = samples.keys.min() {
        samples[other] = nil
      }
      var points = samples[id] ?? []
      // It began again, or somebody else took it over.
      while let last = points.last, last.step >= step { points.removeLast() }
      if points.count >= Self.pointLimit {
        points = points.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
      }
      samples[id] = points + [point]
    }
  }

  func points(of id: String) -> [TrainerProgress] { samples.withLock { $0[id] ?? [] } }
}
