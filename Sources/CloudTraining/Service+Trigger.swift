public import ModelRegistry
public import RegistryModel

/// What to train.
public struct TrainingRequest: Sendable {
  public enum Base: Hashable, Sendable {
    /// The version that runs, where there is one.
    case active
    case none
    case version(Reference)
  }

  /// Whose next version; nil: the configuration's.
  public var adapter: AdapterName?
  public var base = Base.active
  /// The archive of episodes; nil: the one that was uploaded last.
  public var archive: Digest?
  public var backend: TrainingBackendName?
  /// What the trainer is told, before what the configuration says.
  public var config: [String: JSONValue] = [:]

  public init() {}
}

extension CloudTrainingService {
  /// Makes a job and has it trained: the document first, create-only, then the backend.
  ///
  /// When this returns the job is on its way, and `status` tells how far. Where the backend refuses, the job is `failed` with
  /// its reason; where it can't be reached, the job stays queued, and `resume` submits it again.
  public func triggerTraining(
    _ request: TrainingRequest, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> StoredJob {
    guard let adapter = request.adapter ?? policy.adapter else {
      throw RegistryError(
        .usage, "no adapter is named",
        hint: "name one with --adapter, or set training.adapter in the configuration")
    }
    let backend = try backend(request.backend ?? policy.backend)
    let archive = try archive(request.archive)
    let base = try base(request.base, of: adapter, progress)
    // Queued from the start: a document without its archive would wait for a second write that may never come.
    while true {
      let job = try TrainingJob(
        id: JobID(random: .random(in: 0...UInt64.max)), robot: registry.robotName, createdAt: registry.now,
        config: .object(policy.config.merging(request.config) { _, asked in asked }), adapter: adapter,
        base: base, backend: backend.name
      ).applying(.queued(episodesURI: archive.uri, episodesDigest: archive.digest), at: registry.now)
      if let stored = try jobs.create(job) { return try submit(stored.job.id, to: backend) }
    }
  }

  /// Has the backend train a queued job.
  func submit(_ id: JobID, to backend: any TrainingBackend) throws(RegistryError) -> StoredJob {
    let queued = try job(id)
    guard !queued.job.status.isFinal else { return queued }
    do {
      let name = try backend.submit(queued.job)
      try change(id) { stored in
        // A worker may have finished by now.
        stored.job.status.isFinal || stored.job.backendID == name ? nil : .submitted(backendID: name)
      }
      return try job(id)
    } catch {
      guard [.refused, .usage, .integrity, .permission, .notFound].contains(error.code) else {
        throw RegistryError(
          error.code, error.message, unchanged: "\(id) stays queued",
          hint: "\(error.hint); `modelctl train resume` submits it again")
      }
      let message = error.message
      try change(id) { $0.job.status == .queued ? .failed(nil, message) : nil }
      throw RegistryError(error.code, error.message, unchanged: "\(id) failed", hint: error.hint)
    }
  }

  private func archive(_ digest: Digest?) throws(RegistryError) -> UploadedArchive {
    if let digest {
      if let known = try registry.upload(digest) { return known }
      throw RegistryError(
        .notFound, "no archive \(digest.short) was uploaded from here", hint: "see `modelctl episodes list`")
    }
    if let newest = try registry.uploadedArchives(limit: 1).first { return newest }
    throw RegistryError(
      .notFound, "no episodes were uploaded yet", hint: "`modelctl episodes upload DIR` first")
  }

  func activeVersion(of adapter: AdapterName) throws(RegistryError) -> VersionID? {
    do {
      return try ActiveState.read(registry.root).set.members[adapter]?.version
    } catch {
      guard error.code == .notFound else { throw error }
      return nil
    }
  }

  /// The version that training starts from, which must be where its worker finds it: it is pushed first.
  private func base(
    _ base: TrainingRequest.Base, of adapter: AdapterName, _ progress: ProgressHandler?
  ) throws(RegistryError) -> TrainingJob.Base? {
    let reference: Reference
    switch base {
    case .none: return nil
    case .version(let named): reference = named
    case .active:
      guard let active = try activeVersion(of: adapter) else { return nil }
      reference = .version(active)
    }
    let pushed = try registry.push(reference, progress: progress)
    guard pushed.version.adapter == adapter else {
      throw RegistryError(
        .usage, "\(pushed.version) is no version of \(adapter)", hint: "name one with --base")
    }
    return TrainingJob.Base(version: pushed.version, digest: pushed.digest)
  }
}
