import RegistryModel

/// The set that runs, and who put it there.
struct RunningSet: Hashable, Sendable {
  struct Member: Hashable, Sendable {
    let version: Link
    let digest: String
  }

  let generation: String
  let members: [Member]
  let badge: Badge
  let since: Moment?
  let by: String?
  let reason: String?

  /// - Parameters:
  ///   - active: as `/api/active` has it.
  ///   - switches: newest first; the one that led here says who did it and why.
  init(_ active: JSONValue, _ switches: [JSONValue], now: Timestamp) {
    let number = active.whole("generation")
    generation = number.map { "\($0)" } ?? "unknown"
    members = (active["set"]?.sorted ?? []).map { adapter, member in
      let name = member.text("version") ?? adapter
      return Member(version: .version(name), digest: Shown.digest(member.text("digest") ?? ""))
    }
    badge = active.text("state") == "trial" ? Badge("on trial", .warn) : Badge("confirmed", .good)
    since = active.moment("since", now: now)
    let origin = switches.first { $0.whole("generation") == number && $0.text("state") == "done" }
    by = origin?.text("by")
    reason = origin?.text("reason")
  }
}

/// A trial that goes on: what it has left, and where it goes when it fails.
struct TrialCard: Hashable, Sendable {
  let attempts: String
  let deadline: String?
  /// Until the deadline, in milliseconds.
  let left: String
  /// Where it goes back to; nil: nowhere.
  let fallback: WayBackCard?

  init(_ status: JSONValue, millisecondsLeft: Int64?, _ fallback: WayBackCard?) {
    attempts =
      switch status.whole("attempts_left") {
      case nil: "it isn't known how many boots are left"
      case 0: "no boot left: the next one reverts it"
      case 1: "1 boot left"
      case let count?: "\(count) boots left"
      }
    left = millisecondsLeft.map { "\($0)" } ?? ""
    deadline = millisecondsLeft.map {
      $0 == 0 ? "Its time is over: it is about to be reverted" : "Reverts by itself in \(Shown.span($0))"
    }
    self.fallback = fallback
  }
}

/// Where a rollback leads.
struct WayBackCard: Hashable, Sendable {
  let generation: String
  /// What ran in it, as far as the history tells.
  let members: String

  init?(_ status: JSONValue, _ switches: [JSONValue]) {
    guard let number = status.whole("fallback") else { return nil }
    generation = "\(number)"
    let last = switches.first { $0.whole("generation") == number }
    members = (last?["set"]?.sorted ?? []).compactMap { $0.value.text("version") }.joined(separator: ", ")
  }
}
