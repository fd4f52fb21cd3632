import ModelRegistry
import RegistryModel
import TestSupport

/// One store to be judged.
struct Question {
  private let root: String
  private let comparison: Comparison?
  private let isRecovered: Bool
  private let verifies: Bool

  /// What it may look like.
  fileprivate struct Comparison {
    let old: StoreState?
    let new: StoreState?
    /// What else it may be like, where nothing was acknowledged yet.
    let also: [StoreState?]
    let isAcknowledged: Bool
    let allowsBetween: Bool
  }

  struct Malformed: Error { let key: String }

  init(_ document: JSONValue, _ states: KnownStates) throws {
    func text(_ key: String) throws -> String {
      guard let text = document[key]?.asString else { throw Malformed(key: key) }
      return text
    }
    func flag(_ key: String) throws -> Bool {
      guard let flag = document[key]?.asBool else { throw Malformed(key: key) }
      return flag
    }
    root = try text("root")
    // All of it or nothing: a key that was forgotten must not make the question easier.
    let isAlone = ["old", "new", "acknowledged", "between"].allSatisfy { document[$0] == nil }
    comparison =
      isAlone
      ? nil
      : Comparison(
        old: try states.state(of: text("old")), new: try states.state(of: text("new")),
        also: try Self.also(document["also"]).map(states.state),
        isAcknowledged: try flag("acknowledged"), allowsBetween: try flag("between"))
    isRecovered = try flag("recovered")
    verifies = try flag("verifies")
  }

  private static func also(_ value: JSONValue?) throws -> [String] {
    guard let value else { return [] }
    guard let paths = value.asArray?.map(\.asString), !paths.contains(nil) else {
      throw Malformed(key: "also")
    }
    return paths.compactMap(\.self)
  }

  /// What doesn't hold.
  func answer() throws -> [String] {
    let invariants = StoreInvariants(root)
    guard isRecovered else {
      let isOver = comparison?.isAcknowledged == true
      return invariants.checkRaw() + (comparison.map(running) ?? [])
        + (isOver ? invariants.checkWayBack() : [])
    }
    let problems = invariants.checkSettled(OpenOptions(caller: "judge"), verifies: verifies)
    return problems + (try comparison.map { $0.problems(of: try StoreState(root)) } ?? [])
  }

  /// What a runtime would load before anything recovers.
  private func running(_ expected: Comparison) -> [String] {
    do {
      let active = try StoreState(root)?.active
      if active == expected.new?.active { return [] }
      if expected.isAcknowledged { return ["acknowledged, and active names \(active ?? [])"] }
      if active == expected.old?.active { return [] }
      return ["active names \(active ?? []), which is neither the old nor the new set"]
    } catch {
      return ["active can't be read: \(error)"]
    }
  }
}

extension Question.Comparison {
  func problems(of state: StoreState?) -> [String] {
    if isAcknowledged {
      return state == new ? [] : ["acknowledged, and not there: \(text(state)); expected \(text(new))"]
    }
    if state == old || state == new || also.contains(state) { return [] }
    if allowsBetween, let state, let old, let new, state.isBetween(old, new) { return [] }
    return ["neither the old nor the new state: \(text(state)); old \(text(old)); new \(text(new))"]
  }

  private func text(_ state: StoreState?) -> String { state.map { "\($0)" } ?? "no store" }
}

extension StoreState {
  /// Whether everything for itself is as before or as after: nothing else is there, and nothing that both have is gone.
  fileprivate func isBetween(_ old: StoreState, _ new: StoreState) -> Bool {
    func fits(_ key: KeyPath<StoreState, [String]>) -> Bool {
      let (here, before, after) = (Set(self[keyPath: key]), Set(old[keyPath: key]), Set(new[keyPath: key]))
      return here.isSubset(of: before.union(after)) && here.isSuperset(of: before.intersection(after))
    }
    func runs(_ other: StoreState) -> Bool {
      other.active == active && other.isConfirmed == isConfirmed && other.attemptsLeft == attemptsLeft
    }
    let lists: [KeyPath<StoreState, [String]>] = [
      \.versions, \.pins, \.blocked, \.settings, \.evaluations, \.tokens, \.archives,
    ]
    return (runs(old) || runs(new)) && lists.allSatisfy(fits)
      && [old.hasIndex, new.hasIndex].contains(hasIndex)
  }
}
