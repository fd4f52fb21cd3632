#if DEBUG
  import DurableFiles
  import ModelRegistry
  import TestSupport
  import Testing

  /// An operation run without a fault: its steps, and the states that it leads from and to.
  struct Rehearsal {
    let operation: CrashOperation
    /// The labels of its durable steps, in order.
    let steps: [String]
    let old: StoreState?
    let new: StoreState?
    /// The state after doing it again.
    let twice: StoreState?
    /// The code with which doing it again is refused; nil when it is not.
    let refusal: RegistryError.Code?
    /// The code with which the operation fails by design; nil when it doesn't.
    let failure: RegistryError.Code?
    /// The audit's head before it.
    let head: AuditHead?

    init(_ operation: CrashOperation, in matrix: CrashMatrix) throws {
      self.operation = operation
      let bench = try matrix.bench(for: operation)
      defer { matrix.discard(bench) }
      let before = try matrix.copy(of: bench)
      defer { matrix.discard(before) }
      try before.restoreIndex()
      old = try StoreState(before.root)
      // A restore over a sound index gives up the records since the backup: that is what is forced.
      head = operation == .restore ? nil : try StoreInvariants.auditHead(before.root)
      let plan = FaultPlan(.record)
      failure = FaultPlan.$current.withValue(plan) { Self.failure { try operation.run(bench) }?.code }
      steps = plan.steps
      try operation.reopen(bench)
      new = try StoreState(bench.root)
      let problems = operation.invariants(bench, done: true).checkSettled(bench.options())
      #expect(problems == [], "\(operation), nothing went wrong")
      refusal = Self.failure { try operation.run(bench) }?.code
      twice = try StoreState(bench.root)
    }

    /// The error of the operation; nil when it succeeds.
    static func failure<Answer>(_ body: () throws -> Answer) -> RegistryError? { Outcome(body).error }
  }

  /// What an operation answered.
  struct Outcome<Answer> {
    let answer: Answer?
    let error: RegistryError?

    init(_ body: () throws -> Answer) {
      do {
        answer = try body()
        error = nil
      } catch {
        answer = nil
        // Public verbs throw nothing else; the test that meets something else fails by the code.
        self.error = error as? RegistryError ?? RegistryError(.usage, "no RegistryError: \(error)", hint: "")
      }
    }
  }
#endif
