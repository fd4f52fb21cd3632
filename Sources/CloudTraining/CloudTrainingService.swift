public import ModelRegistry
public import RegistryModel

/// Training in the cloud or here, as a producer and consumer of a registry's entries: episodes go up, a job trains, and what
/// it made comes back as a version that is verified, installed and tried.
///
/// Every call blocks; several processes may make them at once.
public struct CloudTrainingService: Sendable {
  let registry: Registry
  let policy: TrainingPolicy
  public let jobs: any JobStore
  let backends: [TrainingBackendName: any TrainingBackend]

  /// - Parameters:
  ///   - jobs: Firestore, or the registry's own index.
  ///   - backends: those that are configured.
  public init(_ registry: Registry, jobs: any JobStore, backends: [any TrainingBackend]) {
    self.registry = registry
    policy = registry.settings.training
    self.jobs = jobs
    self.backends = Dictionary(backends.map { ($0.name, $0) }) { first, _ in first }
  }

  /// Packs and sends the episodes that were never sent; see ``ModelRegistry/Registry/uploadEpisodes(from:again:progress:)``.
  public func uploadEpisodes(
    from path: String? = nil, again: Bool = false, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> EpisodeUploadResult {
    try registry.uploadEpisodes(from: recordings(path), again: again, progress: progress)
  }

  /// Packs them only; the next upload sends the archive.
  public func packEpisodes(
    from path: String? = nil, again: Bool = false, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> EpisodeUploadResult {
    try registry.packEpisodes(from: recordings(path), again: again, progress: progress)
  }

  func recordings(_ path: String?) throws(RegistryError) -> String {
    if let path = path ?? policy.recordings { return path }
    throw RegistryError(
      .usage, "no folder of recordings is named",
      hint: "name one, or set training.recordings in the configuration")
  }

  func backend(_ name: TrainingBackendName) throws(RegistryError) -> any TrainingBackend {
    if let backend = backends[name] { return backend }
    throw RegistryError(
      .usage, "the backend \(name.rawValue) is not configured",
      hint: "configured are: \(backends.keys.map(\.rawValue).sorted().joined(separator: ", "))")
  }

  /// The job as it stands.
  public func job(_ id: JobID) throws(RegistryError) -> StoredJob {
    if let stored = try jobs.read(id) { return stored }
    throw RegistryError(.notFound, "there is no job \(id) in \(jobs.name)", hint: "see `modelctl train list`")
  }

  /// Changes a job, looking again where somebody was faster; nil where `change` has nothing to do any more.
  @discardableResult
  func change(
    _ id: JobID, _ change: (StoredJob) throws(RegistryError) -> TrainingJob.Change?
  ) throws(RegistryError) -> StoredJob? {
    for _ in 0..<100 {
      let stored = try job(id)
      guard let next = try change(stored) else { return nil }
      if let changed = try jobs.replace(stored, with: stored.job.applying(next, at: registry.now)) {
        return changed
      }
    }
    throw RegistryError(.busy, "others keep changing \(id) in \(jobs.name)", hint: "try again")
  }
}
