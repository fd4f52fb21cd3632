import DurableFiles
import RegistryModel

/// One round of sync: sends what waits, brings what is new, follows channels and robots, and reports.
///
/// Its cost follows what is new: the journal is read from an hour before where it was read to, which is more than a push
/// takes between its manifest and its entry; what was dealt with is remembered for that hour. A version that couldn't be
/// brought is noted, told of in every round and tried again. What is wrong with one thing stops no other: only a remote
/// that can't be reached ends the round. Killed anywhere and run again it ends in the same state: each version is whole or
/// not there, and an entry is only marked after that.
final class Sync {
  static let overlapMilliseconds: Int64 = 3_600_000
  static let listingMilliseconds: Int64 = 24 * 3_600_000
  static let reportMilliseconds: Int64 = 3_600_000

  let registry: Registry
  let index: Index
  let remote: any ObjectStore
  let policy: RemotePolicy
  let meter: ProgressMeter

  var result = SyncResult()

  init(registry: Registry, index: Index, remote: any ObjectStore, meter: ProgressMeter) {
    self.registry = registry
    self.index = index
    self.remote = remote
    self.policy = registry.configuration.remote
    self.meter = meter
  }

  func run(full: Bool) throws {
    try sendWaiting()
    var state = try index.read { try $0.remoteProgress() } ?? RemoteProgress(uri: remote.uri)
    let start = registry.clock.now()
    // The report's own time is the remote's clock at a moment before the journal is read. It is asked for, too, where the
    // cursor lies ahead of this machine's clock: one of them is wrong.
    let reported = try apart("report") {
      try RobotReports(registry: registry, index: index, remote: remote).report(
        force: state.cursor.map { $0 > start } ?? true)
    }.flatMap(\.self)
    try retryUnfetched(at: start)
    try readJournal(&state, storeTime: reported?.createdAt, now: start)
    if full || Self.isDue(state.listedAt, at: start, every: Self.listingMilliseconds) {
      // The first time the whole journal was read, which names every version.
      if full || state.listedAt != nil { try listAll() }
      state.listedAt = start
    }
    try followChannels()
    try apart("read the robots' reports") {
      try RobotReports(registry: registry, index: index, remote: remote).follow()
    }
    if !result.fetched.isEmpty {
      _ = try apart("report") {
        try RobotReports(registry: registry, index: index, remote: remote).report(force: false)
      }
    }
    state.syncedAt = registry.clock.now()
    try index.write { try $0.setRemoteProgress(state) }
  }

  /// Whether something that is done every so often is to be done: also where it was done in the future.
  static func isDue(_ last: Timestamp?, at now: Timestamp, every milliseconds: Int64) -> Bool {
    guard let last else { return true }
    return !(0..<milliseconds ~= now.milliseconds - last.milliseconds)
  }

  /// Runs a part of the round that no other depends on: its failure is a problem, unless the remote is away.
  @discardableResult
  private func apart<T>(_ doing: String, _ body: () throws -> T) throws -> T? {
    do throws(RegistryError) {
      return try reporting(doing, body)
    } catch {
      guard error.code != .cancelled, error.code != .remote || !isAway() else { throw error }
      note(error)
      return nil
    }
  }

  func note(_ error: RegistryError, of version: VersionID? = nil) {
    let subject = version.map { "\($0): " } ?? ""
    result.problems.append("\(subject)\(error.message); \(error.hint)")
    if error.code == .noSpace { result.isOutOfSpace = true }
  }

  /// Whether the remote as a whole can't be asked, and not one object of it.
  func isAway() -> Bool {
    let query = ObjectQuery(prefix: RemoteLayout.adapters, isShallow: true, pageSize: 1)
    return (try? remote.list(query, page: nil)) == nil
  }

  // MARK: Out

  private func sendWaiting() throws {
    for entry in try index.read({ try $0.outbox(for: remote.uri, limit: 10_000) }) where !entry.isRefused {
      do throws(RegistryError) {
        try reporting("push \(entry.record.version)") {
          try registry.send(entry.record, plain: entry.isPlain, to: remote, index, meter)
        }
        result.pushed.append(entry.record.version)
      } catch {
        let told = try registry.waiting(error, entry.record, index)
        if error.code == .cancelled { throw told }
        if error.code == .refused {
          result.conflicts.append(SyncConflict(version: entry.record.version, problem: error.message))
        } else {
          // What is wrong with all of them would be found one by one.
          if isAway() { throw told }
          note(error, of: entry.record.version)
        }
      }
    }
  }

  // MARK: In

  private func readJournal(_ state: inout RemoteProgress, storeTime: Timestamp?, now: Timestamp) throws {
    // A cursor ahead of the remote's own clock was moved there by a clock or a name that was wrong.
    if let storeTime, let cursor = state.cursor,
      cursor.milliseconds - storeTime.milliseconds > Self.overlapMilliseconds
    {
      state.cursor = nil
    }
    let from = state.cursor.map {
      JournalEntry.start(from: Timestamp(milliseconds: $0.milliseconds - Self.overlapMilliseconds))
    }
    let limit = storeTime ?? now
    var newest = max(state.cursor ?? Timestamp(milliseconds: 0), storeTime ?? Timestamp(milliseconds: 0))
    try remote.pages(ObjectQuery(prefix: RemoteLayout.journal, start: from)) { page in
      try meter.check()
      for info in page.objects {
        guard let entry = JournalEntry.parse(name: info.name) else { continue }
        // A name may say anything: the remote's own clock said when it was made.
        newest = max(newest, min(entry.publishedAt, info.createdAt, limit))
        guard isWanted(entry.version), try !index.read({ try $0.hasSeen(info.name) }) else { continue }
        if try dealWith(info, entry.version) { try index.write { try $0.markSeen(info.name) } }
      }
    }
    guard newest.milliseconds > 0 else { return }
    state.cursor = newest
    let again = JournalEntry.start(
      from: Timestamp(milliseconds: newest.milliseconds - Self.overlapMilliseconds))
    try index.write { transaction in
      try transaction.forgetSeen(before: again)
      try transaction.setRemoteProgress(state)
    }
  }

  func isWanted(_ version: VersionID) -> Bool {
    policy.adapters?.contains(version.adapter) ?? true
  }

  /// Whether the entry is done with; not where its version isn't there yet.
  private func dealWith(_ info: ObjectInfo, _ version: VersionID) throws -> Bool {
    try noting(version, nil) {
      let entry = try JournalEntry(name: info.name, bytes: remote.document(info, limit: 64 << 10))
      return try bring(version, entry.digest)
    }
  }

  /// Names under `adapters/` that the journal didn't tell of: an entry may be missing for ever where its push died.
  private func listAll() throws {
    var unknown: [VersionID] = []
    try RemoteVersions(remote: remote).each { version in
      if isWanted(version), try index.read({ try $0.version(version) }) == nil { unknown.append(version) }
    }
    for version in unknown { _ = try noting(version, nil) { try bring(version, nil) } }
  }

  /// What couldn't be brought before; what isn't tried again yet is told of all the same.
  private func retryUnfetched(at now: Timestamp) throws {
    for left in try index.read({ try $0.unfetched(limit: 100) }) {
      if !isWanted(left.version) {
        try index.write { try $0.forgetUnfetched(left.version) }
      } else if left.isDue(at: now) {
        _ = try noting(left.version, left.digest) { try bring(left.version, left.digest) }
      } else {
        result.problems.append("\(left.version): \(left.problem)")
      }
    }
  }

  /// Brings a version that isn't here. Another one under the same name is a conflict, and settled by people.
  func bring(_ version: VersionID, _ expected: Digest?) throws -> Brought {
    if let known = try index.read({ try $0.version(version) }) {
      guard let expected, known.digest != expected else { return .nothing }
      throw Push.conflict(known, expected, remote)
    }
    let pull = Pull(registry: registry, index: index, remote: remote, meter: meter)
    guard let offer = try pull.offer(version, expected: expected) else { return .notYet }
    _ = try pull.bring(offer)
    return .version
  }

  enum Brought { case version, nothing, notYet }

  /// Runs one version's part; what is wrong with it is noted and remembered, and stops the round only where nothing else
  /// would go better. Whether the version is done with, or remembered.
  func noting(_ version: VersionID, _ digest: Digest?, _ body: () throws -> Brought) throws -> Bool {
    try meter.check()
    let brought: Brought
    do throws(RegistryError) {
      brought = try reporting("bring \(version)", body)
    } catch {
      if error.code == .cancelled { throw error }
      if error.code == .refused {
        result.conflicts.append(SyncConflict(version: version, problem: error.message))
        try index.write { try $0.forgetUnfetched(version) }
        return true
      }
      if ![.integrity, .notFound, .noSpace].contains(error.code), isAway() { throw error }
      note(error, of: version)
      try index.write {
        try $0.noteUnfetched(version, digest, "\(error.message); \(error.hint)", at: registry.clock.now())
      }
      return true
    }
    if brought == .version { result.fetched.append(version) }
    try index.write { try $0.forgetUnfetched(version) }
    return brought != .notYet
  }
}
