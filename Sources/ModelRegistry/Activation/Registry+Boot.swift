import DurableFiles
public import RegistryModel

/// What the runtime is to load after this boot.
public struct BootResult: Hashable, Sendable {
  public let generation: Int
  public let state: SwitchResult.State
  public let attemptsLeft: Int?
  /// Why the trial was ended by this boot; nil when it wasn't.
  public let reverted: RevertReason?
  /// `ROOT/generations/N`: load this, resolved once.
  public let path: String
  public let warnings: [String]
}

extension Registry {
  /// Decides what the runtime loads; run it before the runtime starts, each time it starts.
  ///
  /// Confirmed: reads only. On trial: one attempt is spent, durably, before the path is returned, or the trial is
  /// over and the path is the fallback's. Where nothing can be written, for whatever reason, it answers the
  /// fallback's path with a warning. Never runs a gate, and needs no index.
  /// - Throws: `notFound` when nothing is active.
  public static func boot(
    _ root: String, generation: Int? = nil, _ options: OpenOptions = OpenOptions()
  ) throws(RegistryError) -> BootResult {
    var options = options
    options.acceptsLostIndex = true
    if let settled = try confirmedBoot(root, generation, options) { return settled }
    do {
      return try open(root, options).boot(generation: generation)
    } catch {
      guard [.permission, .noSpace, .failed].contains(error.code) else { throw error }
      return try openForReading(root, options).bootWithoutWriting(generation, because: error)
    }
  }

  /// The common case: settled and confirmed. Takes no lock and writes nothing.
  private static func confirmedBoot(
    _ root: String, _ generation: Int?, _ options: OpenOptions
  ) throws(RegistryError) -> BootResult? {
    guard let registry = try? openForReading(root, options) else { return nil }
    return try reporting("boot", unchanged: "what is active stays active") {
      let view = try registry.switchView()
      guard view.conclusion.isEmpty, !view.isOnTrial, view.activeGeneration?.isComplete == true else {
        return nil
      }
      _ = try registry.requireActive(view, generation)
      return try registry.bootResult(view, reverted: nil, warnings: registry.indexWarnings)
    }
  }

  /// ``boot(_:generation:_:)`` for a store that is open already.
  public func boot(generation: Int? = nil) throws(RegistryError) -> BootResult {
    try reporting("boot", unchanged: "what is active stays active") {
      let outcome = try decideUnlessBusy(generation)
      let result = outcome.reverted == nil ? outcome.result : notified(outcome.result)
      return bootResult(
        result, reverted: outcome.reverted,
        warnings: result.warnings + (outcome.reverted == nil ? indexWarnings : []))
    }
  }

  private typealias Outcome = (result: SwitchResult, reverted: RevertReason?)

  /// An index that somebody else writes is waited for, and not under `switch`: a good model isn't given up for that.
  private func decideUnlessBusy(_ generation: Int?) throws -> Outcome {
    let end = ContinuousClock.now + .milliseconds(patience)
    while true {
      do {
        return try holdingSwitch { try decide(generation) }
      } catch let error as RegistryError where error.code == .busy {
        guard ContinuousClock.now < end else { break }
      }
    }
    return try holdingSwitch { (try revert(switchView(), .unrecorded), .unrecorded) }
  }

  /// Spends an attempt or reverts, under `switch`.
  private func decide(_ generation: Int?) throws -> Outcome {
    let view = try switchView()
    guard view.active != nil else {
      throw RegistryError(.notFound, "nothing is active in \(root)", hint: "activate a version first")
    }
    guard view.activeGeneration != nil else { return (try revert(view, .unknown), .unknown) }
    let active = try requireActive(view, generation)
    // A tree that is gone can't be loaded, whoever confirmed it. Bytes that are known to be bad are a warning:
    // whether they are better than the generation before is for an operator to say.
    let stands = try active.set.sorted.allSatisfy { try trees.stands($0.version) }
    if !stands, view.rollbackTarget != nil { return (try revert(view, .unknown), .unknown) }
    guard view.isOnTrial else {
      var result = try result(view, switchNumber: nil, previous: nil, switched: false)
      if !active.isComplete {
        result.warnings.append(
          "a version of generation \(active.number) is missing or damaged; `modelctl rollback`")
      }
      return (result, nil)
    }
    if case .revert(let reason) = verdict(active.number) { return try endTrial(view, reason) }
    do {
      try syncUnseenMove(view)
      try spendAttempt(active.number)
    } catch let error as RegistryError where error.code == .busy {
      throw error
    } catch {
      return try endTrial(view, .unrecorded)
    }
    return (try result(switchView(), switchNumber: nil, previous: nil, switched: false), nil)
  }

  /// Reverts; where there is nothing to revert to, the robot loads what it has, with a warning.
  private func endTrial(_ view: SwitchView, _ reason: RevertReason) throws -> Outcome {
    guard view.rollbackTarget == nil else { return (try revert(view, reason), reason) }
    var result = try result(view, switchNumber: nil, previous: nil, switched: false)
    result.warnings.append(
      "the trial of generation \(result.generation) is over (\(reason.rawValue)) and there is nothing to revert to; "
        + "activate another version, or confirm this one")
    return (result, nil)
  }

  private func verdict(_ number: Int) -> Trial.Verdict {
    guard let trial = try? indexIfReadable?.read({ try $0.trial(of: number) }) else {
      return .revert(.unknown)
    }
    return trial.verdict(bootingAt: clock.moment())
  }

  private func spendAttempt(_ number: Int) throws {
    let index = try index()
    try withReserve {
      try index.write { transaction in
        try record(try view(transaction), in: transaction)
        let at = try transaction.audit(.boot, "generation \(number)", by: caller, at: clock.now())
        try transaction.insertAttempt(number, clock.moment(), at: at)
      }
    }
  }

  /// On a read-only file system, on a medium that fails, or as a user who may not write: the fallback's path while a
  /// trial goes on.
  private func bootWithoutWriting(
    _ generation: Int?, because error: RegistryError
  ) throws(RegistryError) -> BootResult {
    try reporting("boot", unchanged: "what is active stays active") {
      var view = try switchView()
      let active = try requireActive(view, generation)
      guard view.isOnTrial || !active.isComplete else {
        return try bootResult(view, reverted: nil, warnings: indexWarnings)
      }
      guard let target = view.rollbackTarget else { throw error }
      view.active = target
      return try bootResult(
        view, reverted: nil,
        warnings: [
          "generation \(active.number) is on trial and the attempt can't be recorded: \(error.message)"
        ])
    }
  }

  private func bootResult(
    _ view: SwitchView, reverted: RevertReason?, warnings: [String]
  ) throws -> BootResult {
    bootResult(
      try result(view, switchNumber: nil, previous: nil, switched: false), reverted: reverted,
      warnings: warnings)
  }

  private func bootResult(
    _ result: SwitchResult, reverted: RevertReason?, warnings: [String]
  ) -> BootResult {
    BootResult(
      generation: result.generation, state: result.state, attemptsLeft: result.attemptsLeft,
      reverted: reverted,
      path: "\(store.path)/\(GenerationStore.linkText(result.generation))", warnings: warnings)
  }
}
