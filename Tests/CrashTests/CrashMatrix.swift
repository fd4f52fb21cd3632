#if DEBUG
  import DurableFiles
  import Foundation
  import ModelRegistry
  import Synchronization
  import TestSupport
  import Testing

  /// What one run of the matrix shares: prepared stores, rehearsals, and the count of what was tried.
  final class CrashMatrix: Sendable {
    @TaskLocal static var current: CrashMatrix?

    let scratch: Scratch
    private let state = Mutex(State())

    private struct State {
      var templates: Set<Preparation> = []
      var rehearsals: [CrashOperation: Rehearsal] = [:]
      var copies = 0
      var recoveries: Set<[String]> = []
      var counts: [CrashOperation: [String: Int]] = [:]
    }

    init() throws { scratch = try Scratch("crash", inMemory: true) }

    static func required() throws -> CrashMatrix { try #require(current) }

    // MARK: Benches

    /// A new copy of the store that the operation is tried in.
    func bench(for operation: CrashOperation) throws -> Bench {
      let template = scratch("prepared-\(operation.preparation)")
      try state.withLock { state in
        guard !state.templates.contains(operation.preparation) else { return }
        try operation.preparation.build(at: template)
        state.templates.insert(operation.preparation)
      }
      let bench = try copy(template)
      if operation == .activateStamped { _ = try bench.open().verify(full: true) }
      return bench
    }

    func copy(of bench: Bench) throws -> Bench { try copy(bench.base) }

    private func copy(_ source: String) throws -> Bench {
      let number = state.withLock { state in
        state.copies += 1
        return state.copies
      }
      let base = scratch("case-\(number)")
      try StoreCopy.make(source, at: base)
      let bench = Bench(base)
      try bench.noteLog(copiedFrom: Bench(source))
      return bench
    }

    func discard(_ bench: Bench) { try? FileManager.default.removeItem(atPath: bench.base) }

    // MARK: Rehearsals

    /// What the operation does when nothing goes wrong.
    func rehearsal(of operation: CrashOperation) throws -> Rehearsal {
      if let known = state.withLock({ $0.rehearsals[operation] }) { return known }
      let rehearsal = try Rehearsal(operation, in: self)
      state.withLock { $0.rehearsals[operation] = rehearsal }
      return rehearsal
    }

    /// Whether no recovery from this operation was interrupted yet between two steps of these kinds; digests and
    /// random names count as equal.
    func isNew(_ operation: CrashOperation, recovery steps: [String], at step: Int) -> Bool {
      let transition = steps[max(0, step - 2)..<step].map { label in
        label.replacing(/(publish|install|probe|rebuild|channel|evaluate|import|wal|shm|db)-[0-9a-z]+/) {
          "\($0.1)-*"
        }.replacing(
          /[0-9a-f]{64}/, with: "*"
        )
        .replacing(/sha256\/[0-9a-f]{2}/, with: "sha256/*")
      }
      return state.withLock { $0.recoveries.insert([operation.rawValue] + transition).inserted }
    }

    // MARK: The count

    func count(_ operation: CrashOperation, _ fault: String, _ cases: Int = 1) {
      state.withLock { $0.counts[operation, default: [:]][fault, default: 0] += cases }
    }

    func printReport() {
      let (counts, rehearsals) = state.withLock { ($0.counts, $0.rehearsals) }
      for operation in CrashOperation.allCases {
        guard let faults = counts[operation], let rehearsal = rehearsals[operation] else { continue }
        let list = faults.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let sum = faults.values.reduce(0, +)
        print("crash matrix: \(operation): \(rehearsal.steps.count) steps: \(list): \(sum) cases")
      }
      let total = counts.values.flatMap(\.values).reduce(0, +)
      if total > 0 {
        print("crash matrix: a recovery is broken once at each step for each step before it")
        print("crash matrix: total \(total) cases over \(counts.count) operations")
      }
    }
  }

  /// Gives a suite its matrix, and prints the count when all of its tests are done.
  struct CrashMatrixTrait: SuiteTrait, TestScoping {
    var isRecursive: Bool { false }

    func provideScope(
      for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
      let matrix = try CrashMatrix()
      try await CrashMatrix.$current.withValue(matrix) { try await function() }
      matrix.printReport()
    }
  }

  extension Trait where Self == CrashMatrixTrait {
    static var crashMatrix: Self { CrashMatrixTrait() }
  }
#endif
