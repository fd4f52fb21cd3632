public import ModelRegistry
public import RegistryModel

extension CloudTrainingService {
  private static let week: Int64 = 7 * 24 * 3_600_000

  /// Whether to train here, in the cloud, or not yet, with every reason and its number.
  public func decide(
    recordings path: String? = nil, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> TrainingDecision {
    var facts = TrainingDecision.Facts()
    let now = registry.now
    let recent = try jobs.list(JobQuery(robot: registry.robotName, limit: 100)).jobs.map(\.job)
    facts.unfinishedJobs = recent.count { !$0.status.isFinal }
    let ages = recent.map { now.milliseconds - $0.createdAt.milliseconds }
    facts.millisecondsSinceLastJob = ages.min()
    let thisWeek = zip(recent, ages).filter { $0.1 < Self.week }.map(\.0)
    facts.jobsThisWeek = thisWeek.count
    facts.cloudJobsThisWeek = thisWeek.count { $0.backend != .local }
    facts.newEpisodes = try newEpisodes(
      since: recent.first { $0.status != .cancelled }, path, progress)
    facts.hasTrainer = !policy.worker.command.isEmpty
    facts.hasCloud = backends[.vertex] != nil || (backends[.event] != nil && policy.backend == .event)
    let machine = MachineFacts(policy.decision)
    facts.freeMemoryBytes = machine.freeMemoryBytes
    facts.celsius = machine.celsius
    facts.batteryPercent = machine.batteryPercent
    facts.isCharging = machine.isCharging
    facts.unreadableTemperatureFile = machine.celsius == nil ? policy.decision.temperatureFile : nil
    facts.unreadableBatteryFile = machine.batteryPercent == nil ? policy.decision.batteryFile : nil
    return TrainingDecision(facts, policy.decision)
  }

  /// Episodes that no job has used: those that were never sent, and those of archives that came after the last job's.
  private func newEpisodes(
    since last: TrainingJob?, _ path: String?, _ progress: ProgressHandler?
  ) throws(RegistryError) -> Int {
    let waiting = try registry.uploadedArchives(limit: 1000).filter { archive in
      guard let last else { return true }
      return archive.digest != last.episodesDigest && archive.uploadedAt > last.createdAt
    }
    let unsent = path ?? policy.recordings
    let recorded =
      try unsent.map { (path) throws(RegistryError) in
        try registry.episodes(in: path, progress: progress).episodes
      } ?? []
    return waiting.reduce(0) { $0 + $1.episodes } + recorded.count { $0.archive == nil }
  }

  /// One round of what `training.auto`, `auto_install` and `auto_activate` ask for. What is off is left alone.
  public func automate(progress: ProgressHandler? = nil) throws(RegistryError) -> AutomationResult {
    var result = AutomationResult()
    (result.resumed, result.problems) = try resume(progress: progress)
    if policy.installsResults {
      // The newest of each line alone: what is older, or here already, is not brought back by a record that was lost.
      var adapters: Set<AdapterName> = []
      for stored in try jobs.list(JobQuery(robot: registry.robotName, status: .completed, limit: 20)).jobs {
        // Only what this machine trains: a document may name any line.
        guard let version = stored.job.result?.version, version.adapter == policy.adapter,
          adapters.insert(version.adapter).inserted,
          try registry.installedResult(of: stored.job.id) == nil,
          try registry.latestVersion(of: version.adapter).map({ $0 < version }) ?? true
        else { continue }
        do {
          result.installed.append(try downloadResult(stored.job.id, progress: progress))
        } catch {
          if error.code == .cancelled { throw error }
          result.problems.append("\(stored.job.id): \(error.message); \(error.hint)")
        }
      }
    }
    guard policy.isAutomatic else { return result }
    let decision = try decide(progress: progress)
    result.decision = decision
    guard decision.verdict != .wait else { return result }
    if policy.recordings != nil { result.upload = try uploadEpisodes(progress: progress) }
    var request = TrainingRequest()
    request.backend =
      decision.verdict == .local ? .local : policy.backend == .local ? .vertex : policy.backend
    result.triggered = try triggerTraining(request, progress: progress).job.id
    return result
  }
}

/// What a round of automation did.
public struct AutomationResult: Sendable {
  public internal(set) var resumed: [JobID] = []
  public internal(set) var installed: [TrainingInstallResult] = []
  public internal(set) var decision: TrainingDecision?
  public internal(set) var upload: EpisodeUploadResult?
  public internal(set) var triggered: JobID?
  public internal(set) var problems: [String] = []
}
