import DurableFiles
public import RegistryModel

extension Registry {
  /// Ends a trial well: what is active becomes something to fall back to.
  ///
  /// Durable when it returns (docs/format.md, C1–C4). Confirming twice is fine. A digest that had been blocked and
  /// was forced is blocked no more: confirmed and blocked contradict each other. The marks go last; where a crash
  /// left them, confirming again takes them away.
  /// - Parameter generation: the generation that is meant; a late confirm must not confirm its successor.
  /// - Throws: `refused` when another generation is active; `notFound` when none is.
  @discardableResult
  public func confirm(generation: Int? = nil) throws(RegistryError) -> SwitchResult {
    try reporting("confirm", unchanged: "the trial goes on") { () throws -> SwitchResult in
      try confirmActive(generation)
    }
  }

  func confirmActive(_ generation: Int?) throws -> SwitchResult {
    let index = try index()
    let lock = try StoreLock.switch.acquire(store, .exclusive, waitingAtMost: patience)
    defer { lock.release() }
    let view = try index.read { try self.view($0) }
    let active = try requireActive(view, generation)
    let forced = active.set.digests.intersection(view.blocked).sorted()
    guard view.isOnTrial || active.hasTrialMark || !forced.isEmpty else {
      // Whoever confirmed, or went back here, may have died before that was durable.
      try syncUnseenMove(view)
      try finishConfirm(active, taking: active.set.digests.sorted())
      return try result(view, switchNumber: nil, previous: nil, switched: false)
    }
    try syncUnseenMove(view)
    try index.write { transaction -> Void in
      let view = try self.view(transaction)
      try record(view, in: transaction)
      guard view.ledger?.rows[active.number] != nil else {
        throw RegistryError(
          .integrity, "the index knows nothing of generation \(active.number)",
          unchanged: "the trial goes on",
          hint: "activate the version again")
      }
      try transaction.setConfirmed(active.number)
      try transaction.audit(.confirm, "generation \(active.number)", by: caller, at: clock.now())
      try auditUnblock(forced, in: transaction)
    }
    try finishConfirm(active, taking: forced)
    let after = try index.read { try self.view($0) }
    return try result(after, switchNumber: nil, previous: nil, switched: false)
  }

  private func finishConfirm(_ active: SwitchView.Generation, taking blocks: [Digest]) throws {
    try afterwards("finish the confirm", standing: "generation \(active.number) is confirmed") {
      try generations.removeTrialMark(active.number)
      _ = try marks.unblock(blocks)
    }
  }

  /// Records that confirmed digests are blocked no more; whoever confirmed takes their marks away.
  func auditUnblock(_ digests: [Digest], in transaction: Transaction) throws {
    for digest in digests {
      try transaction.audit(.unblock, digest.description, reason: "confirmed", by: caller, at: clock.now())
    }
  }

  /// The active generation, checked against the one that the caller means.
  func requireActive(_ view: SwitchView, _ meant: Int?) throws -> SwitchView.Generation {
    guard let number = view.active else {
      throw RegistryError(.notFound, "nothing is active in \(root)", hint: "activate a version first")
    }
    if let meant, meant != number {
      throw RegistryError(
        .refused, "generation \(meant) is not active, \(number) is", hint: "look at `modelctl active`")
    }
    guard let generation = view.activeGeneration else {
      throw RegistryError(
        .integrity, "active names generation \(number), which is not there",
        hint: "`modelctl rollback` returns to the last good one")
    }
    return generation
  }

  /// What a verb of the switch answers, from a view that was read after it.
  func result(
    _ view: SwitchView, switchNumber: Int64?, previous: Int?, switched: Bool
  ) throws -> SwitchResult {
    guard let active = view.active else {
      throw RegistryError(.notFound, "nothing is active in \(root)", hint: "activate a version first")
    }
    let trial = view.isOnTrial ? try indexIfReadable?.read { try $0.trial(of: active) } : nil
    return SwitchResult(
      generation: active, switchNumber: switchNumber, previous: previous, fallback: view.rollbackTarget,
      state: view.isOnTrial ? .trial : .confirmed, set: view.activeGeneration?.set ?? GenerationSet(),
      attemptsLeft: view.isOnTrial ? trial?.attemptsLeft ?? 0 : nil, switched: switched)
  }

  /// Makes a move of the link durable that nobody recorded: whoever made it may have died before that, and only
  /// what is durable is recorded (docs/format.md, V2). The caller holds `switch`.
  func syncUnseenMove(_ view: SwitchView) throws {
    if view.conclusion.changesLedger { try store.root.sync() }
  }

  /// Makes the link durable after its rename. ROOT is opened anew: what an earlier sync of it suffered must not
  /// stand in the way.
  func syncSwitch(to number: Int) throws {
    try afterwards(
      "make the switch durable",
      standing: "generation \(number) is active, and a power cut may take that back"
    ) { try Directory.open(store.path).sync() }
  }

  /// Makes the index follow the link after a switch, so that the next opening has nothing to do. What fails here
  /// is left to that opening.
  func settleAfterSwitch() -> [String] {
    guard let index = indexIfReadable, let lock = try? StoreLock.switch.tryAcquire(store, .exclusive) else {
      return []
    }
    defer { lock.release() }
    do {
      try index.write { transaction in try record(try view(transaction), in: transaction) }
      return []
    } catch {
      return ["the switch is done and will be recorded by the next opening: \(error)"]
    }
  }
}
