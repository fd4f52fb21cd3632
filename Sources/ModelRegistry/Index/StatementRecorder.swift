#if DEBUG
  import GRDB
  import Synchronization

  /// The statements that connections opened within a task's scope run: a test asks SQLite how it would run each.
  package final class StatementRecorder: Sendable {
    @TaskLocal package static var current: StatementRecorder?

    private let seen = Mutex<Set<String>>([])

    package init() {}

    /// Every different statement so far, sorted.
    package var statements: [String] { seen.withLock { $0.sorted() } }

    func attach(to db: Database) {
      db.trace(options: .statement) { event in
        guard case .statement(let statement) = event else { return }
        let sql = statement.sql
        self.seen.withLock { _ = $0.insert(sql) }
      }
    }
  }
#endif
