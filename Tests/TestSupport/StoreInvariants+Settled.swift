@testable import ModelRegistry

extension StoreInvariants {
  /// I3, I4, I8: link, rows and folders say the same, and the prepared link leads where the rule goes.
  func checkSwitch(_ rows: StoreRows) -> [String] {
    var problems: [String] = []
    for row in rows.generations.values where row.state == "pending" {
      problems.append("generation \(row.number) is pending")
    }
    if rows.pendingHistory > 0 {
      problems.append("\(rows.pendingHistory) entries of the history are pending")
    }
    let active = Self.number(inLink: Disk.link(path("active")))
    if rows.link != active { problems.append("the head says \(rows.link ?? 0), the link \(active ?? 0)") }
    for (number, row) in rows.generations where Disk.kind(path("generations/\(number)")) == .folder {
      let hasMark = Disk.kind(path("generations/\(number)/trial")) != nil
      if row.isConfirmed, hasMark {
        problems.append("generation \(number) is confirmed and has a trial mark")
      }
    }
    guard let active else { return problems }
    guard let row = rows.generations[active] else { return problems + ["generation \(active) has no row"] }
    if row.state != "active" { problems.append("the active generation's row says \(row.state)") }
    let folder = "generations/\(active)"
    if Disk.kind(path("\(folder)/forward")) != nil { problems.append("\(folder)/forward was not consumed") }
    if Disk.kind(path("\(folder)/back.new")) != nil { problems.append("\(folder)/back.new was left") }
    return problems + checkWayBack(row, rows)
  }

  /// I8 as it is after an acknowledged switch, before anything recovers: the next rollback needs no space for a link.
  public func checkWayBack() -> [String] {
    Self.gather { problems in
      guard let rows = try StoreRows(root), let active = Self.number(inLink: Disk.link(path("active"))),
        let row = rows.generations[active]
      else { return }
      problems += checkWayBack(row, rows)
    }
  }

  private func checkWayBack(_ active: StoreRows.Generation, _ rows: StoreRows) -> [String] {
    let back = Self.number(inLink: Disk.link(path("generations/\(active.number)/back")))
    let target = rollbackTarget(from: active, rows)
    return back == target ? [] : ["back leads to \(back ?? 0), a rollback goes to \(target ?? 0)"]
  }

  private var blocked: Set<String> { Set(Disk.names(path("marks/blocked"))) }

  /// The first generation along the chain of fallbacks that is confirmed, not blocked, never left by a rollback, of
  /// another set, and complete.
  private func rollbackTarget(from active: StoreRows.Generation, _ rows: StoreRows) -> Int? {
    let blocked = blocked
    var candidate = active.fallback
    while let number = candidate {
      guard let row = rows.generations[number], Disk.kind(path("generations/\(number)")) == .folder else {
        return nil
      }
      let isFit =
        row.isConfirmed && row.state == "active" && Set(row.members.values) != Set(active.members.values)
        && !row.members.values.contains { blocked.contains($0.hex) }
        && row.members.allSatisfy { name, digest in
          Disk.kind(path("versions/\(name)")) == .folder && !isDamaged(name, digest, rows)
        }
      if isFit { return number }
      candidate = row.fallback
    }
    return nil
  }

  private func isDamaged(_ name: String, _ digest: Digest, _ rows: StoreRows) -> Bool {
    let files = rows.versions.first { $0.digest == digest }?.files.values.map(\.self) ?? []
    return (files + [digest]).contains { rows.blobs[$0] == true }
  }

  /// I16: nothing is left that no row stands behind, and nothing waits for removal.
  func checkLeftovers(_ rows: StoreRows) -> [String] {
    var problems: [String] = []
    if rows.auditBegin != "create", rows.auditBegin != "rebuild" {
      problems.append("the audit begins with \(rows.auditBegin ?? "nothing")")
    }
    if !rows.tombstones.isEmpty { problems.append("tombstones: \(rows.tombstones)") }
    problems += Disk.names(path("staging")).map { "staging/\($0) was left" }
    let numbers = Disk.names(path("generations"))
    problems += numbers.filter { Int($0) == nil }.map { "generations/\($0) is no number" }
    let highest = numbers.compactMap { Int($0) }.max()
    if let highest, let row = rows.generations.keys.max(), row > highest {
      problems.append("generation \(row) has no folder and the highest is \(highest)")
    }
    for number in numbers.compactMap({ Int($0) }) where number != highest {
      guard let state = rows.generations[number]?.state else {
        problems.append("generation \(number) has no row")
        continue
      }
      if state == "abandoned" { problems.append("generation \(number) was abandoned and stands") }
    }
    problems += Self.compare(
      "versions", Disk.names(path("versions")).filter { !torn.contains($0) },
      rows.versions.filter { $0.isInstalled && !torn.contains($0.name) }.map(\.name))
    problems += Self.compare(
      "manifests", Disk.names(path("manifests")), rows.versions.map { "\($0.name).json" })
    problems += Self.compare("channels", Disk.names(path("marks/channels")), rows.settings)
    problems += Self.compare("evaluations", Disk.names(path("marks/evaluations")), rows.evaluations)
    let blobs = Disk.names(path("blobs/sha256")).flatMap { Disk.names(path("blobs/sha256/\($0)")) }
    problems += Self.compare("blobs", blobs, rows.blobs.keys.map(\.hex))
    let known = [
      "active", "blobs", "generations", "locks", "manifests", "marks", "private", "quarantine", "registry.db",
      "registry.db-shm", "registry.db-wal", "reserve", "staging", "versions",
    ]
    problems += Disk.names(root).filter { !known.contains($0) }.map { "\($0) doesn't belong in the store" }
    if Disk.status(path("reserve"))?.bytes ?? 0 == 0 { problems.append("there is no reserve") }
    return problems
  }

  private static func compare(_ what: String, _ found: [String], _ known: [String]) -> [String] {
    Set(found).symmetricDifference(known).sorted().map { name in
      found.contains(name) ? "\(what)/\(name) has no row" : "\(what)/\(name) has a row and isn't there"
    }
  }

  /// The table "Modes and ownership".
  func checkModes() -> [String] {
    let hidden = ["staging", "quarantine", "private"]
    return Disk.paths(below: root).compactMap { name in
      guard let status = Disk.status(path(name)), status.kind != .link else { return nil }
      let top = String(name.prefix { $0 != "/" })
      if hidden.contains(top), name != top { return nil }
      let expected: UInt32 =
        switch (status.kind, top) {
        case (.folder, "private"): 0o700
        case (.folder, _): 0o755
        case (_, "blobs"), (_, "versions"), (_, "generations"), (_, "reserve"): 0o444
        case (_, "locks"): 0o600
        default: 0o644
        }
      return status.mode == expected ? nil : "\(name) has mode \(String(status.mode, radix: 8))"
    }
  }
}
