import DurableFiles
public import RegistryModel

/// What a look at the trial found.
public struct TrialWatch: Hashable, Sendable {
  /// What is active now; nil: nothing, or nothing that can be named.
  public internal(set) var generation: Int?
  public internal(set) var isOnTrial = false
  /// Boots left on trial; nil when none goes on.
  public internal(set) var attemptsLeft: Int?
  /// Until the deadline passes in this boot, 0 from then on; nil without a deadline, where the trial didn't begin in this
  /// boot and nothing was booted in it, and where the index that knows can't be read.
  public internal(set) var millisecondsLeft: Int64?
  /// The way back, where this look took it.
  public internal(set) var reverted: SwitchResult?
  /// Why an overdue trial goes on all the same, or the deadline isn't known; nil otherwise.
  public internal(set) var problem: String?

  /// Whether the deadline has passed and the trial goes on: the next look tries again.
  public var isOverdue: Bool { isOnTrial && millisecondsLeft == 0 }
}

extension Registry {
  /// Looks whether the deadline of a trial has passed, and reverts one that is overdue as `boot` would: the digests that it
  /// brought are blocked, then the link goes back.
  ///
  /// To be called every second or so while something runs. It reads a link and a name where nothing is on trial, two rows
  /// of the index where something is; it takes a lock and writes only to revert. Where others hold the lock, or the index
  /// is being written, the next look tries again. Without an index nobody knows when the trial began: the next boot ends
  /// it, and this tells so. Durable where it reverted.
  public func watch() throws(RegistryError) -> TrialWatch {
    try reporting("watch the trial", unchanged: "what is active stays active") {
      let look = try lookAtTrial()
      guard look.isOverdue, !isReadOnly else { return look }
      return try endOverdue(look)
    }
  }

  /// Takes no lock and writes nothing.
  private func lookAtTrial() throws -> TrialWatch {
    var look = TrialWatch()
    guard let active = try generations.activeNumber(), active != GenerationStore.nowhere else { return look }
    look.generation = active
    // A generation without the mark is confirmed: the mark is durable before the link gets there, and goes last.
    guard try store.generations.status("\(active)/\(GenerationStore.trialName)") != nil else { return look }
    guard let index = indexIfReadable else {
      look.isOnTrial = true
      look.attemptsLeft = 0
      look.problem = "the index that knows when the trial began can't be read; the next boot ends the trial"
      return look
    }
    let (isConfirmed, trial) = try index.read { transaction in
      (try transaction.isConfirmed(active), try transaction.trial(of: active))
    }
    guard !isConfirmed else { return look }  // the mark is about to go
    look.isOnTrial = true
    look.attemptsLeft = trial?.attemptsLeft ?? 0
    look.millisecondsLeft = trial?.millisecondsLeft(at: clock.moment())
    return look
  }

  private func endOverdue(_ look: TrialWatch) throws -> TrialWatch {
    guard let lock = try StoreLock.switch.tryAcquire(store, .exclusive) else { return look }
    let result: SwitchResult
    do {
      defer { lock.release() }
      // Somebody may have confirmed it, or gone elsewhere, a moment ago.
      var now = try lookAtTrial()
      let view = try switchView()
      guard now.isOverdue, view.active == now.generation, view.isOnTrial else { return now }
      guard view.rollbackTarget != nil else {
        now.problem =
          "the deadline has passed and there is nothing to revert to; activate another version, or confirm this one"
        return now
      }
      result = try revert(view, .deadline)
    }
    var after = try lookAtTrial()
    after.reverted = notified(result)
    return after
  }
}
