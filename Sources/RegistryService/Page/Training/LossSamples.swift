import RegistryModel
import Synchronization

/// What the service saw of the losses of jobs that are trained elsewhere, whose logs it doesn't have.
///
/// A job's document has its last loss only. Kept in memory, and noted whenever somebody looks.
final class LossSamples: Sendable {
  private static let jobLimit = 64

  private struct State {
    var curves: [String: Curve] = [:]
    /// Counts up with each look.
    var looks: UInt64 = 0
  }

  private struct Curve {
    var points = ThinnedCurve()
    /// When somebody last looked at the job.
    var look: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Where there are too many jobs the one that nobody looked at for longest goes.
  ///
  /// - Parameter job: its document.
  func note(_ job: JSONValue) {
    guard let id = job.text("job_id"), let progress = job["progress"], let step = progress.whole("step"),
      let loss = progress.decimal("loss")
    else { return }
    let point = TrainerProgress(step: step, totalSteps: progress.whole("total_steps"), loss: loss)
    state.withLock { state in
      state.looks += 1
      if state.curves[id] == nil, state.curves.count >= Self.jobLimit,
        let oldest = state.curves.min(by: { $0.value.look < $1.value.look })?.key
      {
        state.curves[oldest] = nil
      }
      state.curves[id, default: Curve()].points.add(point)
      state.curves[id]?.look = state.looks
    }
  }

  func points(of id: String) -> [TrainerProgress] { state.withLock { $0.curves[id]?.points.points ?? [] } }
}
