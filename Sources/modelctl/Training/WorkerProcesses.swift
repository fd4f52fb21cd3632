import Foundation
import RegistryModel
import Synchronization

/// The workers that this process has started and that haven't ended.
///
/// A process is only signalled while its end hasn't been collected: before that its number is nobody else's.
final class WorkerProcesses: Sendable {
  private struct State {
    var processes: Set<Int32> = []
    var isStopping = false
  }

  private let state = Mutex(State())
  private let launcher: WorkerLauncher
  private let report: @Sendable (String) -> Void

  init(_ launcher: WorkerLauncher, report: @escaping @Sendable (String) -> Void) {
    self.launcher = launcher
    self.report = report
  }

  @Sendable func start(
    _ job: JobID, ended: @escaping @Sendable () -> Void
  ) throws(RegistryError) -> String {
    // Started under the lock: nobody is started behind the back of one who stops them all.
    let child = try state.withLock { (state) throws(RegistryError) in
      guard !state.isStopping else {
        throw RegistryError(.busy, "the service stops", hint: "send the event again")
      }
      let child = try launcher.spawn(job)
      state.processes.insert(child)
      return child
    }
    Thread.detachNewThread { [self] in
      let status = collect(child)
      ended()
      report("the worker of \(job) ended with \(status)")
    }
    return WorkerLauncher.name(child)
  }

  /// Waits for its end; its status as a shell shows it.
  private func collect(_ child: Int32) -> Int32 {
    var information = siginfo_t()
    while waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    return state.withLock { state in
      state.processes.remove(child)
      var status: Int32 = 0
      while waitpid(child, &status, 0) != child { guard errno == EINTR else { return -1 } }
      let signal = status & 0x7f
      return signal == 0 ? status >> 8 & 0xff : 128 + signal
    }
  }

  /// Tells all of them to stop: they give their jobs back. Nobody is started any more.
  func stop() {
    state.withLock { state in
      state.isStopping = true
      for child in state.processes { kill(child, SIGTERM) }
    }
  }

  /// Waits until all have ended; false where some haven't within this time.
  func wait(milliseconds: Int64) -> Bool {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while !state.withLock(\.processes.isEmpty) {
      guard ContinuousClock.now < end else { return false }
      usleep(20_000)
    }
    return true
  }
}
