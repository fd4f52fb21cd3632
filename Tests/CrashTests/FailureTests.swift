#if DEBUG
  import DurableFiles
  import Foundation
  import ModelRegistry
  import TestSupport
  import Testing

  extension CrashMatrixTests {
    /// A durable step that fails instead of killing the process.
    @Suite struct Failures {
      @Test(arguments: CrashOperation.allCases, Fault.allCases)
      func `a failure at any step leaves the old or the new state`(operation: CrashOperation, fault: Fault)
        throws
      {
        let matrix = try CrashMatrix.required()
        let rehearsal = try matrix.rehearsal(of: operation)
        for step in fault.steps(of: rehearsal) where Replay.includes(operation, step) {
          let bench = try matrix.bench(for: operation)
          defer { matrix.discard(bench) }
          let name = Replay.name(operation, fault.rawValue, step, rehearsal.steps)
          let outcome = FaultPlan.$current.withValue(fault.plan(at: step)) {
            Outcome { try operation.run(bench) }
          }
          matrix.count(operation, fault.rawValue)
          let judgement = Judgement(rehearsal: rehearsal, bench: bench, name: name, verifies: false)
          judgement.raw()
          if fault == .full { try checkWayBack(bench, operation, matrix, name) }
          let state = try judgement.settled(said(outcome))
          if let error = outcome.error { check(error, fault, rehearsal, state, step, name) }
          if let path = outcome.answer?.path { check(path, rehearsal, state, name) }
          try judgement.again(from: state)
        }
      }

      private func said(_ outcome: Outcome<CrashOperation.Answer>) -> Judgement.Said {
        guard let answer = outcome.answer else { return .nothing }
        return answer.warnings.isEmpty && answer.path == nil ? .done : .warned
      }

      /// The error has the right code and doesn't lie about what is unchanged.
      private func check(
        _ error: RegistryError, _ fault: Fault, _ rehearsal: Rehearsal, _ state: StoreState?, _ step: Int,
        _ name: String
      ) {
        let label = rehearsal.steps[step - 1]
        // The probe of `init` calls every failure but a full disk a file system that can't hold a store.
        let isProbe = fault == .io && label.contains("staging/probe-")
        let expected = isProbe ? .refused : fault == .io ? RegistryError.Code.failed : .noSpace
        // A directory remote that fails is a remote that is away.
        let isAway = fault == .io && error.code == .remote && rehearsal.operation.speaksToRemote
        #expect(error.code == expected || error.code == rehearsal.failure || isAway, "\(name): \(error)")
        #expect(!error.hint.isEmpty && !error.message.isEmpty, "\(name)")
        // Damage that is found is noted, whatever becomes of the operation.
        guard rehearsal.failure == nil, let state, let old = rehearsal.old else { return }
        switch error.unchanged {
        case "nothing was changed": #expect(state == old, "\(name): \(error)")
        case "what is active stays active": #expect(state.active == old.active, "\(name): \(error)")
        case "the trial goes on": #expect(state.isConfirmed == old.isConfirmed, "\(name): \(error)")
        default: break
        }
      }

      /// What `boot` lets the runtime load on trial is counted (I5).
      private func check(_ path: String, _ rehearsal: Rehearsal, _ state: StoreState?, _ name: String) {
        guard rehearsal.operation.preparation.isTrial, path.hasSuffix("generations/2") else { return }
        let isCounted = rehearsal.operation == .boot && state == rehearsal.new
        #expect(isCounted, "a trial is loaded without a record, \(name)")
      }

      /// A trial whose activation met the full disk, or anything else, can be ended while it still is full.
      private func checkWayBack(
        _ bench: Bench, _ operation: CrashOperation, _ matrix: CrashMatrix, _ name: String
      ) throws {
        guard let state = try StoreState(bench.root), state.isConfirmed == false else { return }
        let copy = try matrix.copy(of: bench)
        defer { matrix.discard(copy) }
        let error = FaultPlan.$current.withValue(FaultPlan(.full(from: 1))) {
          Rehearsal.failure { try copy.open(acceptsLostIndex: true).rollback() }
        }
        matrix.count(operation, "rollbacks on the full disk")
        #expect(error == nil, "rollback after \(name): \(error?.description ?? "")")
        #expect(operation.invariants(copy, done: false).checkRaw() == [], "rollback after \(name)")
        #expect(try StoreState(copy.root)?.running == operation.fallback, "rollback after \(name)")
        try copy.restoreIndex()
        _ = try copy.open()
        #expect(
          operation.invariants(copy, done: false).checkSettled(copy.options()) == [], "rollback after \(name)"
        )
      }
    }
  }

  /// How a step fails.
  enum Fault: String, CaseIterable {
    case io = "EIO"
    case noSpace = "ENOSPC"
    /// The disk is full from that step on, until the reserve is given back.
    case full = "full disk"

    /// The steps to try it at. "index committed" and its like only mark a moment to be killed at and can't fail. A
    /// disk that is full from a step on that needs no space is full from the next that does.
    func steps(of rehearsal: Rehearsal) -> [Int] {
      let free = ["sync", "rename", "unlink", "rmdir", "chmod"]
      return rehearsal.steps.indices.map { $0 + 1 }.filter { step in
        let verb = rehearsal.steps[step - 1].prefix { $0 != " " }
        return verb != "index" && !(self == .full && free.contains(String(verb)))
      }
    }

    func plan(at step: Int) -> FaultPlan {
      switch self {
      case .io: FaultPlan(.fail(at: step, errno: EIO))
      case .noSpace: FaultPlan(.fail(at: step, errno: ENOSPC))
      case .full: FaultPlan(.full(from: step))
      }
    }
  }

#endif
