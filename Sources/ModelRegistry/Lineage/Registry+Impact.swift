import Glibc
public import RegistryModel

/// A version that descends from an archive or episode.
public struct ImpactedVersion: Hashable, Sendable {
  public let version: VersionSummary
  /// How many bases lie between it and a version that was trained on the archive; 0: it was itself.
  public let depth: Int
}

/// A robot that has such versions, as far as its newest report says.
public struct ImpactedRobot: Hashable, Sendable {
  public let robot: String
  public let installed: [VersionID]
  public let active: [VersionID]
  public let reportedAt: Timestamp
  /// How old the report is, in milliseconds; this machine's own is 0.
  public let ageMilliseconds: Int64
}

/// One page of an answer to "what came of this, and where is it?".
public struct ImpactPage: Hashable, Sendable {
  public let versions: [ImpactedVersion]
  /// Robots that have versions of this page.
  public let robots: [ImpactedRobot]
  /// The version to go on after; nil at the end.
  public let next: VersionID?
}

extension Registry {
  /// The versions that descend from an archive, or from one episode in whatever archive it is, directly or by way of
  /// their bases; and where they are.
  ///
  /// A page costs the same wherever it is. Versions come by the one that was trained on the archive, then those made
  /// from it.
  /// - Parameters:
  ///   - subject: an archive's digest, an episode's name or digest; see ``LineageSubject``.
  ///   - after: the last version of the page before.
  /// - Throws: `notFound` where nothing of that name is known; `usage` for a version or a job.
  public func impact(
    of subject: String, after: VersionID? = nil, limit: Int = 100
  ) throws(RegistryError) -> ImpactPage {
    try reporting("look up the impact of \(subject)") {
      let archives = try archives(of: subject)
      let cursor = try after.map { try resolve(.version($0)) }
      let steps = try index().read { transaction in
        try ImpactWalk(transaction: transaction, archives: archives.map(\.description))
          .page(after: cursor, limit: limit + 1)
      }
      let shown = Array(steps.prefix(limit))
      let versions = zip(try summaries(shown.map(\.record)), shown).map {
        ImpactedVersion(version: $0, depth: $1.depth)
      }
      return ImpactPage(
        versions: versions, robots: try robots(with: versions.map(\.version)),
        next: steps.count > limit ? versions.last?.version.version : nil)
    }
  }

  private func archives(of subject: String) throws -> [Digest] {
    switch try subjectRecord(subject) {
    case .archive(let digest): return [digest]
    case .episode(let episode):
      return try index().read { transaction in
        // The same recording may have been packed under other names, too.
        let manifests = Set(
          try transaction.episodes(episode.digest).map(\.manifest)
            + transaction.episodes(named: episode.name).map(\.manifest))
        return Set(try manifests.compactMap { try transaction.archive(manifest: $0)?.archive }).sorted()
      }
    case .version(let record):
      throw RegistryError(
        .usage, "\(record.version) is a version, and impact is asked of an archive or episode",
        hint: "`modelctl lineage \(record.version) --down` shows what came of it")
    case .job(let id):
      throw RegistryError(
        .usage, "\(id.quoted) is a job, and impact is asked of an archive or episode",
        hint: "`modelctl lineage job:\(id)` shows what came of it")
    }
  }

  /// At most as many robots are named for one version.
  private static let robotLimit = 1000

  /// This machine, and the others as far as `sync` brought their reports.
  private func robots(with versions: [VersionSummary]) throws -> [ImpactedRobot] {
    let now = clock.now()
    let installed = versions.filter(\.isInstalled).map(\.version)
    let own = ImpactedRobot(
      robot: robot.text, installed: installed, active: versions.filter(\.isActive).map(\.version),
      reportedAt: now,
      ageMilliseconds: 0)
    var others: [String: (installed: [VersionID], active: [VersionID], reportedAt: Timestamp)] = [:]
    for version in versions {
      let holders = try index().read { try $0.robots(with: version.digest, limit: Self.robotLimit) }
      for holder in holders where holder.robot != robot.text {
        others[holder.robot, default: ([], [], holder.reportedAt)].installed.append(version.version)
        if holder.isActive { others[holder.robot]?.active.append(version.version) }
      }
    }
    return (installed.isEmpty ? [] : [own])
      + others.sorted { $0.key < $1.key }.map { name, report in
        ImpactedRobot(
          robot: name, installed: report.installed, active: report.active, reportedAt: report.reportedAt,
          ageMilliseconds: max(0, now.milliseconds - report.reportedAt.milliseconds))
      }
  }

  static var machineName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, 255) == 0 else { return "this machine" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
