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
    /// Whether to have the store verify itself, too.
    var verifies = true

    private var operation: CrashOperation { rehearsal.operation }

    /// What a reader sees before any recovery.
    func raw() {
      #expect(operation.invariants(bench, done: false).checkRaw() == [], "raw state, \(name)")
    }

    /// What an operation said before the store is looked at.
    enum Said {
      case nothing
      /// It was acknowledged.
      case done
      /// It was acknowledged with warnings.
      case warned
    }

    /// Reopens the store and looks at everything; answers with its state.
    @discardableResult
    func settled(_ said: Said = .nothing) throws -> StoreState? {
      try Self.reporting("reopening, \(name)") { try operation.reopen(bench) }
      let invariants = operation.invariants(bench, done: said == .done)
      let problems = invariants.checkSettled(
        bench.options(), acknowledged: rehearsal.head, verifies: verifies)
      #expect(problems == [], "reopened, \(name)")
      let state = try StoreState(bench.root)
      switch said {
      case .done: #expect(state == rehearsal.new, "acknowledged and not there, \(name)")
      case .warned: #expect(state == rehearsal.new || isWarned(state), "warned of something else, \(name)")
      case .nothing:
        let isAllowed = state == rehearsal.old || state == rehearsal.new || isBetween(state)
        #expect(isAllowed, "neither the old nor the new state, \(name): \(Self.text(state))")
      }
      return state
    }

    private func isBetween(_ state: StoreState?) -> Bool {
      guard let state, let old = rehearsal.old, let new = rehearsal.new else { return rehearsal.old == nil }
      return operation.allowsBetween(state, old: old, new: new)
    }

    private func isWarned(_ state: StoreState?) -> Bool {
      guard let state, let old = rehearsal.old, let new = rehearsal.new else { return false }
      return operation.allowsWarned(state, old: old, new: new)
    }

    /// Runs the operation again from `state`, and expects what a run from there must give.
    func again(from state: StoreState?) throws {
      let error = Rehearsal.failure { try operation.run(bench) }
      let final = try StoreState(bench.root)
      let comment = "again, \(name): \(error?.description ?? "no error")"
      if state == rehearsal.new, rehearsal.old != rehearsal.new {
        #expect(error?.code == rehearsal.refusal && final == rehearsal.twice, "\(comment)")
      } else if state == rehearsal.old || isBetween(state) {
        #expect(error?.code == rehearsal.failure && final == rehearsal.new, "\(comment)")
      }
      try operation.reopen(bench)
      #expect(operation.invariants(bench, done: true).checkAgreement() == [], "\(comment)")
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
