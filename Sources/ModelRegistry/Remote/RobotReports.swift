import DurableFiles
import RegistryModel

/// What this robot says of itself on the remote, and what others said.
struct RobotReports {
  let registry: Registry
  let index: Index
  let remote: any ObjectStore

  private var name: RelativePath { RemoteLayout.robot(registry.robot) }

  /// Writes this robot's report where it says something new, or is an hour old; nil where it wrote none.
  ///
  /// Two machines of one name would write in turns; each says so by what it finds.
  func report(force: Bool) throws -> ObjectInfo? {
    let now = registry.clock.now()
    for _ in 0..<3 {
      let found = try remote.current(name) { try readable($0) }
      let earlier = found?.value
      let report = try current(seq: 1 + (earlier?.seq ?? 0), at: now)
      if !force, let earlier, report.saysTheSame(as: earlier),
        !Sync.isDue(earlier.reportedAt, at: now, every: Sync.reportMilliseconds)
      {
        return nil
      }
      if let written = try remote.replace(name, with: report.bytes, ifGeneration: found?.generation ?? 0) {
        return written
      }
    }
    return nil
  }

  private func document(_ info: ObjectInfo) throws -> RobotReport {
    try RobotReport(name: info.name, bytes: remote.document(info, limit: 16 << 20))
  }

  /// The report; nil for one that can't be read, which is its robot's business: the robot writes another one.
  private func readable(_ info: ObjectInfo) throws -> RobotReport? {
    do {
      return try document(info)
    } catch let error as RegistryError where error.code == .integrity {
      return nil
    }
  }

  private func current(seq: Int64, at now: Timestamp) throws -> RobotReport {
    let number = try registry.generations.activeNumber()
    let active = number == GenerationStore.nowhere ? nil : number
    return try RobotReport(
      robot: registry.robot, seq: seq,
      active: active.map { RobotReport.Active(generation: $0, set: try registry.generations.record($0).set) },
      installed: index.read { try $0.installedDigests() }, audit: index.read { try $0.auditHead() },
      reportedAt: now)
  }

  /// Reads the reports that changed since they were read.
  func follow() throws {
    try remote.pages(ObjectQuery(prefix: RemoteLayout.robots)) { page in
      for info in page.objects where info.name != name {
        guard try index.read({ try $0.generation(of: info.name) }) != info.generation else { continue }
        guard let found = try remote.current(info.name, { try readable($0) }) else { continue }
        try index.write { transaction in
          if let report = found.value { try transaction.setReport(report) }
          try transaction.setGeneration(found.generation, of: info.name)
        }
      }
    }
  }
}
