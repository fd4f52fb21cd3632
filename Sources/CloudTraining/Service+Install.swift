public import ModelRegistry
public import RegistryModel

/// What bringing a job's result did.
public struct TrainingInstallResult: Sendable {
  public let job: JobID
  public let version: VersionID
  public let digest: Digest
  public let fetchedBytes: Int64
  /// Whether this job's result was installed here before: then nothing was done.
  public let wasInstalled: Bool
  /// The switch, where it was activated on trial.
  public let activation: SwitchResult?
}

extension CloudTrainingService {
  /// Brings what a completed job made: the version of this digest from the remote that is set, verified, made by this job; and
  /// activates it on trial where asked. A job is installed once.
  ///
  /// - Parameter activates: nil: what the configuration says.
  /// - Throws: `refused` where the job isn't completed, or its document names another remote; as
  ///   ``ModelRegistry/Registry/install(_:progress:)``.
  public func downloadResult(
    _ id: JobID, activates: Bool? = nil, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> TrainingInstallResult {
    let job = try jobStatus(id).job
    guard job.status == .completed, let result = job.result, let version = result.version,
      let digest = result.digest
    else {
      throw RegistryError(
        .refused,
        "\(id) is \(job.status.rawValue), and there is nothing to install"
          + (job.error.map { ": \($0)" } ?? ""),
        hint: "`modelctl train watch \(id)` follows it")
    }
    try requireOwnRemote(result, version, id)
    let reference = Reference.version(version)
    func activate() throws(RegistryError) -> SwitchResult {
      try registry.activate([reference], ActivationOptions(reason: "trained by \(id)"))
    }
    if let installed = try registry.installedResult(of: id), installed == digest {
      // Asked for by hand, it is tried all the same.
      let isActive = try activeVersion(of: version.adapter) == version
      return TrainingInstallResult(
        job: id, version: version, digest: digest, fetchedBytes: 0, wasInstalled: true,
        activation: activates == true && !isActive ? try activate() : nil)
    }
    let installed = try registry.installResult(of: id, version, digest, progress: progress)
    let activation = activates ?? policy.activatesResults ? try activate() : nil
    // Last: an activation that didn't come about is tried again by the next round.
    try registry.noteInstalled(id, version, digest)
    return TrainingInstallResult(
      job: id, version: version, digest: digest, fetchedBytes: installed.fetchedBytes, wasInstalled: false,
      activation: activation)
  }

  /// An address in a document is for people: what is installed comes from the remote that is set, and from no other.
  private func requireOwnRemote(
    _ result: TrainingJob.Result, _ version: VersionID, _ id: JobID
  ) throws(RegistryError) {
    let own = try registry.remoteURI(of: version)
    guard let address = result.modelURI, address != own else { return }
    throw RegistryError(
      .refused, "the document of \(id) names \(address.quoted), and the remote that is set has \(own)",
      hint: "see who wrote it; `modelctl remote set` chooses where results come from")
  }
}
