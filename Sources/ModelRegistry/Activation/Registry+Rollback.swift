import DurableFiles
public import RegistryModel

extension Registry {
  /// Returns to the last good generation, or to one that is named: one rename, offline, on a full disk.
  ///
  /// Works without an index (open with ``OpenOptions/acceptsLostIndex``). Durable when it returns; what could not
  /// be recorded is in the result's warnings.
  /// - Parameters:
  ///   - generation: where to go; nil: along the chain of fallbacks.
  ///   - bad: block the digests that are left behind.
  ///   - reason: why; kept in history and audit.
  ///   - expecting: the generation that the caller saw active; nil: whichever is.
  /// - Throws: `notFound` when nothing is active; `refused` when there is nowhere to go, or another generation is active
  ///   than the one that was expected.
  @discardableResult
  public func rollback(
    to generation: Int? = nil, bad: Bool = false, reason: String? = nil, expecting: Int? = nil
  ) throws(RegistryError) -> SwitchResult {
    try reporting("roll back", unchanged: "what is active stays active") {
      notified(
        try generation.map { try goBack(to: $0, bad, reason, expecting) } ?? goBack(bad, reason, expecting))
    }
  }

  private func goBack(_ bad: Bool, _ reason: String?, _ expecting: Int?) throws -> SwitchResult {
    try holdingSwitch {
      let view = try switchView()
      guard view.active != nil else { throw nothingActive }
      try requireExpected(expecting, view)
      return try wayBack(bad, reason).go(to: chosenTarget(view), view)
    }
  }

  /// To a generation that is named. Versions must not be removed meanwhile, and there must be a way back from there.
  private func goBack(
    to target: Int, _ bad: Bool, _ reason: String?, _ expecting: Int?
  ) throws -> SwitchResult {
    guard let content = try StoreLock.content.tryAcquire(store, .shared) else {
      throw RegistryError(
        .busy, "versions are being removed right now", hint: "try again, or roll back without --to")
    }
    defer { content.release() }
    return try holdingSwitch {
      let view = try switchView()
      guard view.active != nil else { throw nothingActive }
      try requireExpected(expecting, view)
      try check(target: target, view)
      // Without an index nobody knows whether its building was finished: then it is made durable now.
      if view.ledger == nil { try generations.makeDurable(target) }
      try armWayBack(of: target, view)
      return try wayBack(bad, reason).go(to: target, view)
    }
  }

  private func wayBack(_ bad: Bool, _ reason: String?) -> WayBack {
    WayBack(registry: self, kind: .rollback, reason: reason, blocks: bad)
  }

  private var nothingActive: RegistryError {
    RegistryError(.notFound, "nothing is active in \(root)", hint: "activate a version first")
  }

  /// Runs `body` under `switch`. No child process, hash or download belongs in there.
  func holdingSwitch<T>(_ body: () throws -> T) throws -> T {
    let lock = try StoreLock.switch.acquire(store, .exclusive, waitingAtMost: patience)
    defer { lock.release() }
    return try body()
  }

  /// What `rollback` would do now: the generation that it would go to. Changes nothing.
  public func rollbackTarget(to generation: Int? = nil) throws(RegistryError) -> Int {
    try reporting("look for a way back", unchanged: "what is active stays active") {
      let view = try switchView()
      guard let generation else { return try chosenTarget(view) }
      try check(target: generation, view)
      return generation
    }
  }

  /// The view for the way back: with the index where it can be read, without it otherwise.
  func switchView() throws -> SwitchView {
    if let index = indexIfReadable, let view = try? index.read({ try view($0) }) { return view }
    return try generations.view(ledger: nil, blocked: marks.blocked(), isWhole: { _ in true })
  }

  var indexWarnings: [String] {
    (indexProblem ?? viewProblem).map {
      ["the index can't be read, and links and directories decided: \($0.message)"]
    } ?? []
  }

  /// Why the index, which opens, can't tell of generations; nil when it can.
  var viewProblem: RegistryError? {
    guard let index = indexIfReadable else { return nil }
    do {
      _ = try index.read { try view($0) }
      return nil
    } catch {
      let known = error as? RegistryError
      return known ?? RegistryError(.failed, "\(error)", hint: "run `modelctl doctor`")
    }
  }

  private func chosenTarget(_ view: SwitchView) throws -> Int {
    if let target = view.rollbackTarget { return target }
    let unread = view.unread(before: nil)
    throw RegistryError(
      .refused, (["there is no confirmed generation to go back to"] + unread).joined(separator: "; "),
      unchanged: "what is active stays active",
      hint: unread.isEmpty
        ? "activate another version" : "try again; the kernel's log tells of a disk that fails")
  }

  private func check(target: Int, _ view: SwitchView) throws {
    func refuse(_ why: String) -> RegistryError {
      RegistryError(
        .refused, "generation \(target) \(why)", unchanged: "what is active stays active",
        hint: "see `modelctl history`")
    }
    guard let generation = view.generations[target] else { throw refuse("is not here") }
    guard target != view.active else { throw refuse("is active already") }
    guard generation.isComplete else {
      throw refuse(
        generation.problem.map { "couldn't be read: \($0)" }
          ?? "is not complete: a version of it is not installed or damaged")
    }
    guard !view.isBlocked(generation.set) else { throw refuse("holds a blocked version") }
    var there = view
    there.active = target
    if there.isOnTrial, there.rollbackTarget == nil, try !isKnownGood(generation.set) {
      throw refuse("would be on trial with nothing to revert to")
    }
    guard let ledger = view.ledger else { return }
    guard let row = ledger.rows[target], row.state != .pending, row.state != .abandoned else {
      throw refuse("was never active")
    }
  }

  private func isKnownGood(_ set: GenerationSet) throws -> Bool {
    let digest = try Digest.sha256(of: set)
    return try indexIfReadable?.read { try $0.wasConfirmed(setDigest: digest) } ?? false
  }

  /// Makes the link that a rollback from `target` will use, before going there: no step forward without a way back.
  private func armWayBack(of target: Int, _ view: SwitchView) throws {
    var there = view
    there.active = target
    guard let generation = view.generations[target] else { return }
    guard there.rollbackTarget != generation.prepared else {
      // Whoever made it may have died before he could flush.
      return try generations.makeLinksDurable(target)
    }
    try withReserve {
      try generations.arm(SwitchView.Arming(generation: target, target: there.rollbackTarget))
    }
  }

  /// Runs `body`, and once more after giving back the reserve if there was no space.
  func withReserve<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch {
      guard Self.isNoSpace(error), try store.reserve.release() else { throw error }
      return try body()
    }
  }

  static func isNoSpace(_ error: any Error) -> Bool {
    switch error {
    case let error as FileError: error.isNoSpace
    case let error as RegistryError: error.code == .noSpace
    default: false
    }
  }

  func notified(_ result: SwitchResult) -> SwitchResult {
    var result = result
    result.warnings += Notifier(notification: configuration.notify).notify(
      generation: result.generation, path: "\(store.path)/\(GenerationStore.linkText(result.generation))")
    return result
  }
}
