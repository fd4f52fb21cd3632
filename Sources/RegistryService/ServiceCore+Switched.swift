import ModelRegistry
import RegistryDocuments
import RegistryModel

extension ServiceCore {
  /// Tells listeners what runs, right after a request may have changed it.
  func switched() {
    let state = try? active.watch.read().state
    events.send("state", state.map { Document.active($0) } ?? .null)
  }

  /// Reverts a trial whose time in this boot is over; nil where there is none.
  func endOverdueTrial() throws -> SwitchResult? {
    do {
      guard try active.watch.read().state.state == .trial else { return nil }
    } catch {
      // A record that can't be read hides no trial from the links and the index.
      if error.code == .notFound { return nil }
    }
    guard try store.reading({ try $0.watch().isOverdue }) else { return nil }
    return try store.changing(as: Schedule.caller, isWayBack: true) { try $0.watch().reverted }
  }
}
