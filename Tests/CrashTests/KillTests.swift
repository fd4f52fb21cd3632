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
        for step in 1...(rehearsal.steps.count + 1) where Replay.includes(step) {
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
          try Judgement(rehearsal: rehearsal, bench: bench, name: name).everything(
            acknowledged: step > rehearsal.steps.count)
        }
      }
    }
  }
#endif
