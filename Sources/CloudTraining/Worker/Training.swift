import Foundation
import ModelRegistry
import RegistryModel

/// The work on a job that is held.
struct Training {
  let worker: Worker
  let workspace: TrainingWorkspace
  let hold: JobHold

  func run() throws(RegistryError) -> Worker.Outcome {
    guard let reserved = hold.job.reserved else {
      throw RegistryError(.failed, "\(hold.job.id) has no number", hint: "run it again")
    }
    // An earlier attempt may have published, and died before it could say so.
    if let made = try worker.registry.published(reserved), made.manifest.job?.id == hold.job.id.text {
      worker.report("\(reserved) was published by an earlier attempt")
      try worker.registry.announce(made)
      return try complete(made.version, made.digest, made.manifest.metrics["final_loss"], seconds: nil)
    }
    let store = try scratchStore()
    let publication = Publishing(training: self, store: store)
    let base = try bringBase(store)
    if let stopped = try stopping() { return stopped }
    let archive = try bringEpisodes()
    if let stopped = try stopping() { return stopped }
    try naming {
      // The worker before may have been killed, and its trainer goes on.
      if let earlier = try workspace.lastTrainer() { ProcessName.end(earlier) }
      try workspace.prepareFolders(hold.holder.attempt)
      try workspace.setConfig(hold.job.config)
    }
    let start = Date()
    var metrics: [String: Double] = [:]
    let outcome = train(base, &metrics)
    if let ended = try end(outcome) { return ended }
    let made = try publication.publish(metrics, archive)
    guard let made else { return try worker.lost(hold) }
    return try complete(
      made.version, made.digest, made.finalLoss, seconds: Date().timeIntervalSince(start).rounded())
  }

  /// Gives the job back where the worker is told to stop between two steps.
  private func stopping() throws(RegistryError) -> Worker.Outcome? {
    guard worker.shouldStop() else { return nil }
    guard try hold.change(.givenBack(hold.holder)) != nil else { return try worker.lost(hold) }
    return .gaveBack
  }

  /// What the worker publishes from: a store of its own, which goes with the job.
  private func scratchStore() throws(RegistryError) -> Registry {
    guard let remote = try worker.registry.remoteURI() else {
      throw RegistryError(
        .permission, "no remote is set in \(worker.registry.root), where a result could go",
        hint: "`modelctl remote set gs://BUCKET/PREFIX`, or file:///DIRECTORY")
    }
    // What an earlier attempt published and couldn't send has its number: this one may make other bytes.
    try naming { try workspace.removeStore() }
    let store = try Registry.create(workspace.storePath, worker.options)
    if try store.remoteURI() != remote { try store.setRemote(remote) }
    return store
  }

  /// The folder of the version that training starts from.
  private func bringBase(_ store: Registry) throws(RegistryError) -> String? {
    guard let base = hold.job.base else { return nil }
    worker.report("brings \(base.version)")
    let installed = try store.install(.version(base.version), progress: nil)
    guard installed.digest == base.digest else {
      throw RegistryError(
        .integrity,
        "\(base.version) is \(installed.digest.short) on the remote, and the job starts from \(base.digest.short)",
        hint: "see who wrote the job's document")
    }
    return "\(store.root)/versions/\(base.version)"
  }

  private func bringEpisodes() throws(RegistryError) -> ArchiveManifest {
    guard let uri = hold.job.episodesURI, let digest = hold.job.episodesDigest else {
      throw RegistryError(
        .refused, "\(hold.job.id) names no archive of episodes, or no digest of it", hint: "trigger it again")
    }
    worker.report("brings the episodes \(digest.short)")
    return try workspace.bringEpisodes(uri, digest, for: worker.registry)
  }

  private func train(_ base: String?, _ metrics: inout [String: Double]) -> TrainerProcess.Outcome {
    guard !worker.policy.command.isEmpty else {
      return .unstartable("no trainer is configured (training.worker.command)")
    }
    var environment = worker.policy.environment
    environment["EPISODES_DIR"] = workspace.episodesPath
    environment["BASE_DIR"] = base ?? ""
    environment["OUTPUT_DIR"] = workspace.outputPath(hold.holder.attempt)
    environment["CHECKPOINT_DIR"] = workspace.checkpointPath
    environment["CONFIG"] = workspace.configPath
    environment["JOB_ID"] = hold.job.id.text
    worker.report("trains: \(worker.policy.command.joined(separator: " "))")
    let trainer = TrainerProcess(
      command: worker.policy.command, environment: environment, folder: workspace.path,
      logPath: workspace.logPath,
      policy: worker.policy)
    var last: [String: Double] = [:]
    let outcome = trainer.run(
      TrainerProcess.Watch(
        started: { try? workspace.setTrainer($0.text) },
        progress: { progress, metrics in
          hold.note(progress)
          worker.progress(progress)
          last = metrics
          if let loss = progress.loss { last["final_loss"] = metrics["final_loss"] ?? loss }
        }, shouldStop: worker.shouldStop, isAbandoned: { hold.isLost }))
    metrics = last
    return outcome
  }

  /// What the trainer's end means for the job; nil where it wrote something.
  private func end(_ outcome: TrainerProcess.Outcome) throws(RegistryError) -> Worker.Outcome? {
    let problem: String
    switch outcome {
    case .succeeded: return hold.isLost ? try worker.lost(hold) : nil
    case .abandoned: return try worker.lost(hold)
    case .stopped:
      guard try hold.change(.givenBack(hold.holder)) != nil else { return try worker.lost(hold) }
      return .gaveBack
    // Somebody stopped it, and not us: the machine goes down, and our own signal is on its way.
    case .crashed(SIGTERM), .exited(128 + SIGTERM):
      guard try hold.change(.givenBack(hold.holder)) != nil else { return try worker.lost(hold) }
      return .gaveBack
    case .exited(let code): problem = "the trainer failed with \(code)"
    case .crashed(let signal): problem = "the trainer was killed by signal \(signal)"
    case .tookTooLong(let text), .diverged(let text): problem = text
    case .unstartable(let text): problem = "the trainer can't be started: \(text)"
    }
    let tail = workspace.logTail()
    let message = tail.isEmpty ? problem : "\(problem)\n\(tail)"
    guard try hold.change(.failed(hold.holder, message)) != nil else { return try worker.lost(hold) }
    return .failed(message)
  }

  private func complete(
    _ version: VersionID, _ digest: Digest, _ loss: Double?, seconds: Double?
  ) throws(RegistryError) -> Worker.Outcome {
    let result = TrainingJob.Result(
      modelURI: try worker.registry.remoteURI(of: version), version: version, digest: digest, finalLoss: loss,
      trainingSeconds: seconds)
    guard try hold.change(.completed(hold.holder, result)) != nil else { return try worker.lost(hold) }
    worker.report("\(hold.job.id) made \(version)")
    return .completed(result)
  }
}
