import DurableFiles
public import RegistryModel

extension Registry {
  /// Reads everything from the medium, slowly and bit by bit, so that what rots is found before it is needed.
  ///
  /// Goes on where the last run stopped, and ends with the pass, or when it has read what it may. What is bad is recorded
  /// as `verify` does, what was bad and is good again, too. Its thread's reading is served after everybody else's, and
  /// never more than one buffer at once. How far it came is durable every 256 MiB and when it ends; nothing else of it is.
  /// - Parameter progress: told how far the pass has come; it stops the scrub by throwing, and what was read by then
  ///   isn't read again but for the blob that was being read.
  /// - Throws: `busy` while another scrub runs.
  public func scrub(
    _ budget: ScrubBudget = ScrubBudget(), progress: ProgressHandler? = nil
  ) throws(RegistryError) -> ScrubResult {
    try scrub(budget, progress: progress, clock: .system)
  }

  func scrub(
    _ budget: ScrubBudget, progress: ProgressHandler? = nil, clock: PaceClock
  ) throws(RegistryError) -> ScrubResult {
    try reporting("scrub", unchanged: "no byte of a version was changed") {
      guard !isReadOnly else {
        throw RegistryError(
          .permission, "a scrub writes down how far it came, and the store is open for reading",
          hint: "run as the user that owns the store")
      }
      let index = try index()
      guard let lock = try StoreLock.scrub.tryAcquire(store, .exclusive) else {
        throw RegistryError(.busy, "another process scrubs \(root)", hint: "see `modelctl status`")
      }
      defer { lock.release() }
      let scrub = Scrub(
        registry: self, index: index, budget: budget, meter: ProgressMeter(progress),
        pace: budget.bytesPerSecond.map { Pace(bytesPerSecond: $0, clock: clock) })
      return try IOPriority.idle { try scrub.run() }
    }
  }

  /// How far the scrub has come, and when everything was read the last time.
  public func scrubState() throws(RegistryError) -> ScrubState {
    try reporting("read how far the scrub has come") { try index().read { try $0.scrubState() } }
  }
}
