#if DEBUG
  import DurableFiles
  import ModelRegistry
  import TestSupport
  import Testing

  /// What must hold after an operation was interrupted: raw, after reopening, and after doing it again.
  struct Judgement {
    let rehearsal: Rehearsal
    let bench: Bench
    /// Names the case in every message.
    let name: String

    private var operation: CrashOperation { rehearsal.operation }

    /// What a reader sees before any recovery.
    func raw() {
      #expect(operation.invariants(bench, done: false).checkRaw() == [], "raw state, \(name)")
    }

    /// Reopens the store and looks at everything; answers with its state. `acknowledged`: it must be the new one.
    @discardableResult
    func settled(acknowledged: Bool) throws -> StoreState? {
      try Self.reporting("reopening, \(name)") { try operation.reopen(bench) }
      let invariants = operation.invariants(bench, done: acknowledged)
      #expect(invariants.checkSettled(bench.options()) == [], "reopened, \(name)")
      #expect(invariants.checkAudit(has: rehearsal.head) == [], "reopened, \(name)")
      let state = try StoreState(bench.root)
      if acknowledged {
        #expect(state == rehearsal.new, "acknowledged and not there, \(name)")
      } else {
        let isAllowed = state == rehearsal.old || state == rehearsal.new || isBetween(state)
        #expect(isAllowed, "neither the old nor the new state, \(name): \(Self.text(state))")
      }
      return state
    }

    private func isBetween(_ state: StoreState?) -> Bool {
      guard let state, let old = rehearsal.old, let new = rehearsal.new else { return rehearsal.old == nil }
      return operation.allowsBetween(state, old: old, new: new)
    }

    /// Runs the operation again from `state`, and expects what a run from there must give.
    func again(from state: StoreState?) throws {
      let wasDone = state == rehearsal.new && rehearsal.old != rehearsal.new
      let error = Rehearsal.failure { try operation.run(bench) }
      #expect(
        error?.code == (wasDone ? rehearsal.refusal : rehearsal.failure),
        "again, \(name): \(error?.description ?? "no error")")
      let invariants = operation.invariants(bench, done: true)
      #expect(invariants.checkSettled(bench.options()) == [], "after doing it again, \(name)")
      let final = try StoreState(bench.root)
      #expect(final == (wasDone ? rehearsal.twice : rehearsal.new), "after doing it again, \(name)")
    }

    /// All of it.
    func everything(acknowledged: Bool = false) throws {
      raw()
      try again(from: settled(acknowledged: acknowledged))
    }

    static func reporting(_ what: String, _ body: () throws -> Void) rethrows {
      do {
        try body()
      } catch {
        Issue.record(error, "\(what)")
        throw error
      }
    }

    static func text(_ state: StoreState?) -> String { state.map { "\($0)" } ?? "no store" }
  }
#endif
