import DurableFiles
import Glibc
public import RegistryModel

/// One thing that was examined.
public struct Finding: Hashable, Sendable {
  public let subject: String
  public let isProblem: Bool
  /// What was found, and what to do where it is a problem.
  public let text: String
}

extension Registry {
  /// Examines what a store depends on: file system, owner, clock, SQLite, links, reserve, hooks.
  public func doctor() throws(RegistryError) -> [Finding] {
    try reporting("examine the store") {
      [
        try fileSystemFinding(), try ownerFinding(), clockFinding(), indexFinding(), try linkFinding(),
        reserveFinding(), try marksFinding(), tokenFinding(), try archiveFinding(), auditFinding(),
        try damageFinding(), scrubFinding(),
        hookFinding("gate", configuration.gate),
        hookFinding("probe", configuration.probe), notifyFinding(),
      ].compactMap(\.self)
    }
  }

  private func fileSystemFinding() throws -> Finding {
    let kind = try store.root.fileSystem()
    let free = ByteCount(bytes: try store.root.freeSpace().bytes)
    return Finding(
      subject: "file system", isProblem: kind.refusal != nil, text: kind.refusal ?? "\(kind), \(free) free")
  }

  /// Everything in the store belongs to its owner: a file of somebody else breaks linking and removal.
  private func ownerFinding() throws -> Finding {
    let owner = try store.root.ownStatus().owner
    let places = [
      ("blobs/sha256", store.blobs), ("manifests", store.manifests), ("versions", store.versions),
      ("generations", store.generations), ("staging", store.staging), ("locks", store.locks),
    ]
    for (name, directory) in places {
      if try directory.ownStatus().owner != owner {
        return Finding(subject: "owner", isProblem: true, text: foreign(name, owner))
      }
      for entry in try directory.entries() {
        guard let status = try directory.status(entry.name), status.owner != owner else { continue }
        return Finding(subject: "owner", isProblem: true, text: foreign("\(name)/\(entry.name)", owner))
      }
    }
    return Finding(subject: "owner", isProblem: false, text: Account.name(of: owner))
  }

  private func foreign(_ name: String, _ owner: UInt32) -> String {
    "\(name) doesn't belong to \(Account.name(of: owner)); run `chown -R \(Account.name(of: owner)) \(root)`"
  }

  private func clockFinding() -> Finding {
    let now = clock.now()
    let last = try? indexIfReadable?.read { try $0.lastAuditTime() }
    if let last, last.milliseconds > now.milliseconds + 1000 {
      return Finding(
        subject: "clock", isProblem: true,
        text:
          "the wall clock says \(now), the audit was at \(last) already; set the clock (trials don't depend on it)"
      )
    }
    let boot = clock.moment().bootID
    return Finding(
      subject: "clock", isProblem: boot == "unknown",
      text: boot == "unknown" ? "the kernel gives no boot id; mount /proc" : "\(now)")
  }

  private func indexFinding() -> Finding {
    do {
      let index = try index()
      try index.quickCheck()
      let settings = try index.settings()
      let sound =
        settings["journal_mode"] == "\"wal\""
        && (isReadOnly || (settings["synchronous"] == "2" && settings["keeps_wal"] == "1"))
      return Finding(
        subject: "index", isProblem: !sound,
        text: "SQLite \(settings["sqlite"] ?? "?"), schema \(settings["user_version"] ?? "?")"
          + (sound ? "" : ", and its settings are wrong: \(settings)"))
    } catch {
      let problem = error as? RegistryError
      return Finding(
        subject: "index", isProblem: true, text: problem.map { "\($0.message); \($0.hint)" } ?? "\(error)")
    }
  }

  private func linkFinding() throws -> Finding {
    let view = try switchView()
    guard let active = view.active else {
      return Finding(subject: "active", isProblem: false, text: "nothing is active")
    }
    guard view.activeGeneration?.isComplete == true else {
      return Finding(
        subject: "active", isProblem: true,
        text: "generation \(active) is missing or incomplete; `modelctl rollback`")
    }
    let fallback =
      view.rollbackTarget.map { "a rollback goes to \($0)" } ?? "there is nothing to roll back to"
    return Finding(
      subject: "active", isProblem: false,
      text: "generation \(active), \(view.isOnTrial ? "on trial" : "confirmed"), \(fallback)")
  }

  private func reserveFinding() -> Finding {
    let isArmed = store.reserve.isArmed
    return Finding(
      subject: "reserve", isProblem: !isArmed,
      text: isArmed
        ? "\(ByteCount(bytes: Store.reserveBytes)) are kept for a full disk"
        : "the reserve for a full disk is gone; free some space, any writing command makes it again")
  }

  private func marksFinding() throws -> Finding {
    let problems = try marks.problems()
    return Finding(
      subject: "marks", isProblem: !problems.isEmpty, text: problems.first ?? "every mark can be read")
  }

  /// Only where a token was ever made.
  private func tokenFinding() -> Finding? {
    if let problem = tokenProblems().first {
      return Finding(subject: "tokens", isProblem: true, text: problem)
    }
    guard let tokens = try? tokens(), !tokens.isEmpty else { return nil }
    let usable = tokens.count { $0.state(at: clock.now()) == .usable }
    return Finding(subject: "tokens", isProblem: false, text: "\(tokens.count) were made, \(usable) usable")
  }

  /// Only where there is something to say: an archive's manifest that travels with a version and can't be read.
  private func archiveFinding() throws -> Finding? {
    guard let unread = try indexIfReadable?.read({ try $0.unreadArchives() }), let first = unread.first else {
      return nil
    }
    return Finding(
      subject: "archives", isProblem: true,
      text: "\(unread.count) manifests of archives can't be read, \(first.short) is one; "
        + "`impact` doesn't know their episodes; publish the version with a good one")
  }

  private func auditFinding() -> Finding? {
    guard indexIfReadable != nil else { return nil }
    let check: AuditCheck
    do {
      check = try verifyAudit()
    } catch {
      return Finding(subject: "audit", isProblem: true, text: "\(error.message); \(error.hint)")
    }
    return Finding(
      subject: "audit", isProblem: !check.problems.isEmpty,
      text: check.problems.first ?? "\(check.records) records, the chain holds")
  }

  private func damageFinding() throws -> Finding? {
    guard let index = indexIfReadable else { return nil }
    let damaged = try index.read { try $0.damagedVersions() }
    return Finding(
      subject: "versions", isProblem: !damaged.isEmpty,
      text: damaged.isEmpty
        ? "none is known to be damaged" : "\(damaged.count) damaged; `modelctl verify` names them")
  }

  /// When everything was read the last time: what nobody reads rots unseen.
  private func scrubFinding() -> Finding? {
    guard let state = try? scrubState() else { return nil }
    let percent = Int(state.share * 100)
    let under = state.startedAt.map { "a pass began at \($0) and has read \(percent) %" }
    guard let finished = state.finishedAt else {
      return Finding(
        subject: "scrub", isProblem: false, text: under ?? "never; `modelctl scrub` reads everything slowly")
    }
    return Finding(
      subject: "scrub", isProblem: false,
      text: "everything was read by \(finished)" + (under.map { "; \($0)" } ?? ""))
  }

  private func hookFinding(_ subject: String, _ command: HookCommand?) -> Finding? {
    guard let command, let program = command.arguments.first else { return nil }
    let isThere = !program.contains("/") || access(program, X_OK) == 0
    return Finding(
      subject: subject, isProblem: !isThere,
      text: isThere
        ? command.arguments.joined(separator: " ") : "\(program) can't be run; correct the configuration")
  }

  /// Sends the notification for real: that is the only way to know that it arrives.
  private func notifyFinding() -> Finding? {
    guard !isReadOnly, !configuration.notify.isEmpty, let active = (try? generations.activeNumber()) ?? nil,
      active != GenerationStore.nowhere
    else {
      return nil
    }
    let problems = Notifier(notification: configuration.notify).notify(
      generation: active, path: "\(root)/\(GenerationStore.linkText(active))")
    return Finding(
      subject: "notify", isProblem: !problems.isEmpty, text: problems.first ?? "sent for generation \(active)"
    )
  }
}
