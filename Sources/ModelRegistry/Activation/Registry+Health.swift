import DurableFiles
public import RegistryModel

/// What a runtime says of the set that it runs.
public enum HealthReport: Hashable, Sendable {
  case ok
  case fault(String)
  /// Times of control-loop ticks, in milliseconds; three late ones in a row are a fault.
  case ticks([Double])
}

extension Registry {
  /// Takes a report from the runtime: a fault ends a trial badly, at once.
  ///
  /// The digests that the trial brought are blocked, durably, before the link goes back. A fault of a confirmed
  /// generation is recorded and switches nothing unless `rollback` is set.
  /// - Throws: `refused` when `generation` isn't active, or when there is nowhere to go back to.
  @discardableResult
  public func health(
    _ report: HealthReport, generation: Int? = nil, rollback: Bool = false
  ) throws(RegistryError) -> SwitchResult {
    try reporting("take a health report", unchanged: "what is active stays active") {
      switch report {
      case .ok: return try state(of: generation)
      case .fault(let why): return try fault(why, generation, rollback, .fault)
      case .ticks(let ticks):
        guard let fault = TickJudge(limitMilliseconds: configuration.tickLimitMilliseconds).fault(in: ticks)
        else { return try state(of: generation) }
        return try self.fault(fault, generation, rollback, .fault)
      }
    }
  }

  private func state(of generation: Int?) throws -> SwitchResult {
    let view = try switchView()
    _ = try requireActive(view, generation)
    return try result(view, switchNumber: nil, previous: nil, switched: false)
  }

  private func fault(
    _ why: String, _ generation: Int?, _ rollback: Bool, _ reason: RevertReason
  ) throws -> SwitchResult {
    let result = try holdingSwitch {
      let view = try switchView()
      let active = try requireActive(view, generation)
      if view.isOnTrial || rollback { return try revert(view, reason, detail: why) }
      try index().write {
        try $0.audit(.fault, "generation \(active.number)", reason: why, by: caller, at: clock.now())
      }
      var result = try self.result(view, switchNumber: nil, previous: nil, switched: false)
      result.warnings.append("generation \(active.number) is confirmed: recorded, and nothing was switched")
      return result
    }
    return result.switched ? notified(result) : result
  }

  /// Ends the trial of what is active badly; the caller holds `switch`.
  func revert(_ view: SwitchView, _ reason: RevertReason, detail: String? = nil) throws -> SwitchResult {
    guard let target = view.rollbackTarget else {
      try recordFault(view, reason, detail)
      throw RegistryError(
        .refused,
        "generation \(view.active ?? 0) failed (\(reason.rawValue)) and there is nothing to go back to",
        unchanged: "it was recorded, and what is active stays active", hint: "activate another version")
    }
    let text = detail.map { "\(reason.rawValue): \($0)" } ?? reason.rawValue
    return try WayBack(registry: self, kind: .revert, reason: text, blocks: reason.blocks).go(
      to: target, view)
  }

  /// A fault with nowhere to go: it is recorded, and what the generation brought is blocked where the reason says so.
  private func recordFault(_ view: SwitchView, _ reason: RevertReason, _ detail: String?) throws {
    let text = detail.map { "\(reason.rawValue): \($0)" } ?? reason.rawValue
    let digests = reason.blocks ? view.condemned(goingTo: nil) : []
    try withReserve { try marks.block(digests, at: clock.now(), reason: text) }
    try index().write { transaction in
      try record(try self.view(transaction), in: transaction)
      try transaction.audit(
        .fault, "generation \(view.active ?? 0)", reason: text, by: caller, at: clock.now())
      for digest in digests {
        try transaction.audit(.block, digest.description, reason: text, by: caller, at: clock.now())
      }
    }
  }

  /// The probe after an activation failed: the trial is over, if it still goes on. A generation that needed no
  /// trial goes back as well.
  func probeFailed(
    _ generation: Int, _ reason: RevertReason, _ problem: String, _ warnings: [String]
  ) throws -> SwitchResult {
    let reverted = try holdingSwitch { () throws -> SwitchResult? in
      let view = try switchView()
      return view.active == generation ? try revert(view, reason, detail: problem) : nil
    }
    if var result = reverted.map(notified) {
      result.warnings = warnings + result.warnings + ["the probe failed: \(problem)"]
      return result
    }
    var result = try self.result(switchView(), switchNumber: nil, previous: generation, switched: true)
    result.warnings = warnings + ["the probe failed (\(problem)); another generation is active already"]
    return result
  }
}
