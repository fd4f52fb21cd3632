/// Where a rollback goes, and what a new generation falls back to (`docs/format.md`, "Trial").
extension SwitchView {
  /// Whether generation `number` is confirmed: the index decides where it can be read, else the absence of
  /// the trial mark does.
  public func isConfirmed(_ number: Int) -> Bool {
    if let row = row(number) { return row.isConfirmed }
    guard let generation = generations[number] else { return false }
    return !generation.hasTrialMark
  }

  /// Whether what is active now has yet to be confirmed.
  public var isOnTrial: Bool {
    guard let active else { return false }
    return !isConfirmed(active)
  }

  public func isBlocked(_ set: GenerationSet) -> Bool { !blocked.isDisjoint(with: set.digests) }

  /// Whether a rollback that leaves `set` may land on generation `number`.
  public func isUsable(_ number: Int, leaving set: GenerationSet) -> Bool {
    guard let generation = generations[number], generation.isComplete else { return false }
    guard isConfirmed(number), generation.set != set, !isBlocked(generation.set) else { return false }
    guard let state = row(number)?.state else { return true }
    return state != .left && state != .abandoned
  }

  /// The generation that `rollback` returns to: the first usable one along the chain of stored fallbacks.
  ///
  /// Where the active generation's directory is gone, its row tells where the chain begins, and without a row
  /// it is what the last recorded switch made active, else the highest usable generation: a dangling link must
  /// still have a way back.
  public var rollbackTarget: Int? {
    guard let active else { return nil }
    if let generation = generations[active] {
      return firstUsable(from: generation.fallback, leaving: generation.set)
    }
    if let row = row(active), let target = firstUsable(from: row.fallback, leaving: row.set) { return target }
    let left = row(active)?.set ?? GenerationSet()
    let candidates = [ledger?.link].compactMap(\.self) + generations.keys.sorted(by: >)
    return candidates.first { $0 != active && isUsable($0, leaving: left) }
  }

  /// The fallback that a new generation of `set` stores: the active generation if it is confirmed, else
  /// along its chain, with another set, complete and not blocked.
  public func fallback(forNew set: GenerationSet) -> Int? {
    chain(from: active).first { number in
      guard let generation = generations[number], isConfirmed(number) else { return false }
      return generation.set != set && generation.isComplete && !isBlocked(generation.set)
    }
  }

  /// What couldn't be read of the generations that a rollback passes over on its way to `target`; nil: of all that it could
  /// have gone to.
  public func unread(before target: Int?) -> [String] {
    chain(from: active).dropFirst().prefix { $0 != target }.compactMap { number in
      generations[number]?.problem.map { "generation \(number) couldn't be read: \($0)" }
    }
  }

  /// What a fault of the active generation condemns: the digests that it brought, which neither its own fallback
  /// nor the generation that is gone to has.
  public func condemned(goingTo target: Int?) -> [Digest] {
    guard let active, let set = generations[active]?.set ?? row(active)?.set else { return [] }
    let kept = [target, storedFallback(of: active)].compactMap { $0 }.compactMap {
      generations[$0]?.set ?? row($0)?.set
    }
    return set.digests.filter { digest in !kept.contains { $0.digests.contains(digest) } }.sorted()
  }

  /// Whether an activation of `set` needs no trial: the very first, or a set that had been confirmed before.
  public func isConfirmedAtOnce(_ set: GenerationSet, confirmedBefore: Bool) -> Bool {
    active == nil || (confirmedBefore && !isBlocked(set))
  }

  private func firstUsable(from start: Int?, leaving set: GenerationSet) -> Int? {
    chain(from: start).first { isUsable($0, leaving: set) }
  }

  private func chain(from start: Int?) -> [Int] {
    var chain: [Int] = []
    var candidate = start
    while let number = candidate, !chain.contains(number) {
      chain.append(number)
      candidate = storedFallback(of: number)
    }
    return chain
  }

  /// The chain goes on through a generation whose directory was collected: its row remembers.
  private func storedFallback(of number: Int) -> Int? {
    generations[number]?.fallback ?? row(number)?.fallback
  }
}
