/// What a deletion must leave alone.
extension SwitchView {
  /// Why generations are protected, by number; the trees of their versions are protected with them.
  ///
  /// What `active` names, what a rollback from it and from there would go to (stored fallbacks included),
  /// generations with a pending row, and the last confirmed set.
  public var protected: [Int: String] {
    var reasons: [Int: String] = [:]
    func add(_ number: Int?, _ reason: String) {
      guard let number, reasons[number] == nil else { return }
      reasons[number] = reason
    }
    add(active, "it is active")
    add(rollbackTarget, "a rollback goes to it")
    add(activeGeneration?.prepared, "a rollback goes to it")
    let rows = ledger?.rows.values.sorted { $0.number < $1.number } ?? []
    for row in rows where row.state == .pending { add(row.number, "it is being activated") }
    let confirmed = rows.last { $0.isConfirmed && $0.state != .abandoned }
    add(confirmed?.number, "it is the last confirmed set")
    for number in reasons.keys.sorted() {
      guard let generation = generations[number] else { continue }
      add(generation.fallback, "generation \(number) falls back to it")
      var there = self
      there.active = number
      add(there.rollbackTarget, "a rollback from generation \(number) goes to it")
    }
    return reasons
  }
}
