#if DEBUG
  import DurableFiles
  import Foundation
  import ModelRegistry
  import TestSupport
  import Testing

  extension CrashMatrixTests {
    /// One process per case, killed by SIGKILL in place of a durable step.
    @Suite struct Kills {
      @Test(arguments: CrashOperation.allCases)
      func `a kill at any step leaves the old or the new state`(operation: CrashOperation) async throws {
        let matrix = try CrashMatrix.required()
        let rehearsal = try matrix.rehearsal(of: operation)
        for step in 1...(rehearsal.steps.count + 1) where Replay.includes(operation, step) {
          let bench = try matrix.bench(for: operation)
          defer { matrix.discard(bench) }
          let name = Replay.name(operation, "kill", step, rehearsal.steps)
          await #expect(processExitsWith: .signal(SIGKILL), "\(name)") {
            [base = bench.base as String, operation = operation.rawValue as String, step = step as Int] in
            let operation = try #require(CrashOperation(rawValue: operation))
            try FaultPlan.$current.withValue(FaultPlan(.kill(before: step))) {
              do {
                _ = try operation.run(Bench(base))
              } catch  where operation == .activateDamaged {}
            }
            // It was acknowledged; the power goes right afterwards.
            kill(getpid(), SIGKILL)
          }
          matrix.count(operation, "kills")
          let judgement = Judgement(rehearsal: rehearsal, bench: bench, name: name)
          judgement.raw()
          try await interruptRecovery(of: judgement, matrix)
          let isDone = step > rehearsal.steps.count && rehearsal.failure == nil
          try judgement.again(from: judgement.settled(isDone ? .done : .nothing))
        }
      }

      /// Kills and fails the recovery from a kill, too. A step is tried once for each step that came before it in a
      /// recovery from this operation: a hundred recoveries of a publish differ in how many blobs they remove.
      private func interruptRecovery(of judgement: Judgement, _ matrix: CrashMatrix) async throws {
        let operation = judgement.rehearsal.operation
        let rehearsal = try matrix.copy(of: judgement.bench)
        defer { matrix.discard(rehearsal) }
        let plan = FaultPlan(.record)
        try FaultPlan.$current.withValue(plan) { try operation.reopen(rehearsal) }
        let recovered = try StoreState(rehearsal.root)
        for step in plan.steps.indices.map({ $0 + 1 })
        where matrix.isNew(operation, recovery: plan.steps, at: step) {
          for fault in RecoveryFault.faults(for: operation) {
            let bench = try matrix.copy(of: judgement.bench)
            defer { matrix.discard(bench) }
            let name = "\(judgement.name); then recovery, \(fault) at step \(step): \(plan.steps[step - 1])"
            try await fault.strike(operation, bench, step, name)
            matrix.count(operation, "faults in recovery")
            let second = Judgement(
              rehearsal: judgement.rehearsal, bench: bench, name: name, verifies: fault == .kill)
            second.raw()
            #expect(try second.settled() == recovered, "\(name)")
          }
        }
      }
    }
  }

  /// What happens to a recovery.
  private enum RecoveryFault: String, CaseIterable {
    case kill, failure = "EIO"

    /// What repeats the operation itself was failed at every step already.
    static func faults(for operation: CrashOperation) -> [RecoveryFault] {
      operation == .create || operation == .migrate ? [.kill] : allCases
    }

    func strike(_ operation: CrashOperation, _ bench: Bench, _ step: Int, _ name: String) async throws {
      switch self {
      case .kill:
        await #expect(processExitsWith: .signal(SIGKILL), "\(name)") {
          [base = bench.base as String, operation = operation.rawValue as String, step = step as Int] in
          let operation = try #require(CrashOperation(rawValue: operation))
          try FaultPlan.$current.withValue(FaultPlan(.kill(before: step))) {
            try operation.reopen(Bench(base))
          }
        }
      case .failure:
        // A recovery that can't do its work may fail; it must not make anything worse.
        FaultPlan.$current.withValue(FaultPlan(.fail(at: step, errno: EIO))) {
          _ = try? operation.reopen(bench)
        }
      }
    }
  }
#endif
