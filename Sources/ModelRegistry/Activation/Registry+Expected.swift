import RegistryModel

extension Registry {
  /// Refuses a switch whose caller saw another generation active than the one that is: two who decide at once don't undo
  /// each other's work unseen. The caller holds `switch`, or asks again when he does.
  ///
  /// - Parameter transaction: the one that is open on this thread, if any.
  func requireExpected(_ expected: Int?, _ view: SwitchView, in transaction: Transaction? = nil) throws {
    guard let expected, expected != view.active ?? ActivationOptions.nothingActive else { return }
    let seen =
      expected == ActivationOptions.nothingActive
      ? "nothing was expected to be" : "generation \(expected) was expected"
    guard let active = view.active, active != GenerationStore.nowhere else {
      throw refusal("nothing is active, and \(seen)")
    }
    let known = try? transaction.map { try $0.lastSwitch() } ?? indexIfReadable?.read { try $0.lastSwitch() }
    if let last = known.flatMap(\.self), last.generation == active {
      throw refusal(
        "generation \(active) is active since \(last.at), and \(seen): \(last.kind.rawValue) by \(last.by)"
          + (last.reason.map { ", \($0)" } ?? ""))
    }
    guard let record = try? generations.record(active) else {
      throw refusal("generation \(active) is active, and \(seen)")
    }
    throw refusal(
      "generation \(active) is active, and \(seen): it was made at \(record.at) by \(record.by)"
        + (record.reason.map { ", \($0)" } ?? ""))
  }

  private func refusal(_ message: String) -> RegistryError {
    RegistryError(
      .refused, message, unchanged: "nothing was switched",
      hint: "look at what runs now with `modelctl active`, and decide again")
  }
}
