import ModelRegistry
import RegistryModel

/// Publishes what a trainer wrote as the version that the job reserved.
///
/// The remote takes one manifest under a name. Where another job has the number, the next one is reserved first; where this
/// very job has it, another attempt was faster, and its version is the result.
struct Publishing {
  private static let metricsName = "metrics.json"
  private static let metricsBytes = 1 << 20

  let training: Training
  let store: Registry
  private var hold: JobHold { training.hold }
  private var worker: Worker { training.worker }
  private var output: String { training.workspace.outputPath(hold.holder.attempt) }

  init(training: Training, store: Registry) {
    self.training = training
    self.store = store
  }

  struct Made {
    let version: VersionID
    let digest: Digest
    let finalLoss: Double?
  }

  /// Nil where the job was lost.
  func publish(_ printed: [String: Double], _ archive: ArchiveManifest) throws(RegistryError) -> Made? {
    let metrics = try self.metrics(printed)
    guard var version = hold.job.reserved else { return nil }
    // Still ours: nothing is published for a job that somebody else has.
    guard try hold.change(.heartbeat(hold.holder, nil)) != nil else { return nil }
    var published = try store.publish(request(version, metrics))
    if published.existing {
      // An earlier attempt on this machine made the same bytes.
      version = published.version
    }
    for _ in 0..<1000 {
      if version != hold.job.reserved {
        guard try hold.change(.renumbered(hold.holder, reserved: version)) != nil else { return nil }
      }
      do {
        let pushed = try store.push(.version(version))
        return Made(version: version, digest: pushed.digest, finalLoss: metrics["final_loss"])
      } catch {
        guard error.code == .refused else { throw error }
      }
      if let theirs = try worker.registry.published(version), theirs.manifest.job?.id == hold.job.id.text {
        try worker.registry.announce(theirs)
        return Made(
          version: version, digest: theirs.digest, finalLoss: theirs.manifest.metrics["final_loss"])
      }
      let next = try worker.registry.nextRemoteNumber(version.adapter)
      worker.report("\(version) is somebody else's; takes \(next)")
      published = try store.republish(.version(version), number: next.number)
      version = published.version
    }
    throw RegistryError(.busy, "others keep taking the numbers of \(version.adapter)", hint: "try again")
  }

  private func request(
    _ version: VersionID, _ metrics: [String: Double]
  ) throws(RegistryError) -> PublishRequest {
    let (job, policy) = (hold.job, worker.policy)
    var request = PublishRequest(
      adapter: version.adapter, paths: [output], number: version.number)
    request.base = job.base.map { .version($0.version) }
    request.job = Manifest.JobReference(
      id: job.id.text, configDigest: try Digest.ofDocument(job.config), imageDigest: policy.imageDigest,
      codeVersion: policy.codeVersion, seed: job.seed)
    request.archives = [training.workspace.manifestPath]
    request.metrics = metrics
    request.framework = policy.framework
    request.modelType = job.config["model_type"]?.asString ?? "unknown"
    return request
  }

  /// Numbers that the trainer wrote down, before those that it printed last.
  private func metrics(_ printed: [String: Double]) throws(RegistryError) -> [String: Double] {
    var metrics = printed
    let name = Self.metricsName
    let bytes = try naming {
      try training.workspace.output(name, of: hold.holder.attempt, limit: Self.metricsBytes)
    }
    if let bytes {
      guard let fields = try JSONValue(parsing: bytes).asObject else {
        throw RegistryError(.integrity, "the trainer's \(name) is no object", hint: "correct the trainer")
      }
      for (key, value) in fields { metrics[key] = value.asDouble ?? metrics[key] }
    }
    return metrics
  }
}
