import DurableFiles
package import RegistryModel

/// What a job made, as the remote has it.
package struct PublishedResult: Hashable, Sendable {
  package let version: VersionID
  package let digest: Digest
  package let manifest: Manifest
}

extension Registry {
  /// What the remote has under a version's name; nil where there is nothing.
  package func published(_ version: VersionID) throws(RegistryError) -> PublishedResult? {
    try reporting("look up \(version)") { () -> PublishedResult? in
      let pull = Pull(
        registry: self, index: try index(), remote: try openRemote(requireRemote()), meter: .unwatched)
      guard let offer = try pull.offer(version, expected: nil) else { return nil }
      return PublishedResult(version: version, digest: offer.digest, manifest: offer.manifest)
    }
  }

  /// Writes the journal's entry of a version that is on the remote, where whoever published it died before he could.
  package func announce(_ result: PublishedResult) throws(RegistryError) {
    try reporting("announce \(result.version)") {
      let remote = try openRemote(requireRemote())
      guard let info = try remote.info(RemoteLayout.manifest(result.version)) else { return }
      try remote.settle(info)
      try Push(registry: self, index: index(), remote: remote, meter: .unwatched)
        .tell(result.version, result.digest, at: info.createdAt)
    }
  }

  /// A number above all that the remote has of an adapter.
  package func nextRemoteNumber(_ adapter: AdapterName) throws(RegistryError) -> VersionID {
    try reporting("look up the versions of \(adapter)") {
      var highest = 0
      try RemoteVersions(remote: openRemote(requireRemote())).each(
        prefix: "\(RemoteLayout.adapters)\(adapter)_v"
      ) { version in
        // A folder without a manifest is claimed by somebody, too.
        if version.adapter == adapter { highest = max(highest, version.number) }
      }
      return try VersionID(adapter: adapter, number: highest + 1)
    }
  }

  /// The address of a version's folder on the remote that is set.
  package func remoteURI(of version: VersionID) throws(RegistryError) -> String {
    try reporting("read which remote is set") { "\(try requireRemote())/\(RemoteLayout.folder(version))" }
  }

  package func remoteURI() throws(RegistryError) -> RemoteURI? {
    try reporting("read which remote is set") { try RemotePlace(store: store).read() }
  }

  /// Installs what a job made: this version of this digest, made by this job, from the remote that is set.
  ///
  /// - Throws: `integrity` where the remote has another digest there; `refused` where its manifest doesn't say that the job
  ///   made it, or the store has another version of this name; `notFound` where it isn't there.
  package func installResult(
    of job: JobID, _ version: VersionID, _ digest: Digest, progress: ProgressHandler?
  ) throws(RegistryError) -> InstallResult {
    try reporting("install the result of \(job)") {
      let index = try index()
      let meter = ProgressMeter(progress)
      let pull = Pull(
        registry: self, index: index, remote: try openRemote(requireRemote(), meter), meter: meter)
      if let known = try index.read({ try $0.version(version) }) {
        guard known.digest == digest else {
          throw try Push.conflict(known, digest, openRemote(requireRemote()))
        }
        try Self.requireMade(by: job, manifest(of: known))
        return try install(.version(version), progress: progress)
      }
      guard let offer = try pull.offer(version, expected: digest) else {
        throw RegistryError(
          .notFound, "\(version), which \(job) made, is not on the remote", hint: "see `train status \(job)`")
      }
      try Self.requireMade(by: job, offer.manifest)
      let outcome = try pull.bring(offer)
      return InstallResult(
        version: outcome.version, digest: outcome.digest, fetchedBytes: outcome.fetchedBytes,
        reusedBytes: outcome.reusedBytes, alreadyInstalled: false)
    }
  }

  /// Notes that a job's result was installed here, which is done once.
  package func noteInstalled(_ job: JobID, _ version: VersionID, _ digest: Digest) throws(RegistryError) {
    try reporting("note that \(job) is installed") {
      try index().write { try $0.noteInstalled(job, version, digest, at: clock.now()) }
    }
  }

  private static func requireMade(by job: JobID, _ manifest: Manifest) throws {
    guard manifest.job?.id == job.text else {
      throw RegistryError(
        .refused,
        "\(manifest.versionID) was made by \(manifest.job?.id.quoted ?? "no job"), and not by \(job)",
        hint: "see who wrote the job's document")
    }
  }

  /// The highest version that is known here; nil where there is none.
  package func latestVersion(of adapter: AdapterName) throws(RegistryError) -> VersionID? {
    try reporting("look up \(adapter)") { try index().read { try $0.latestVersion(of: adapter)?.version } }
  }

  /// The version that was installed here for a job; nil where none was.
  package func installedResult(of job: JobID) throws(RegistryError) -> Digest? {
    try reporting("look up \(job)") { try index().read { try $0.installedResult(of: job) } }
  }

  package func upload(_ archive: Digest) throws(RegistryError) -> UploadedArchive? {
    try reporting("look up an archive") { try index().read { try $0.upload(archive) } }
  }

  /// Where episodes and jobs' objects go.
  package func dataPlace() throws(RegistryError) -> RemoteURI {
    try reporting("read where episodes go") { try dataRemote() }
  }

  /// Writes a small object create-only where episodes go; false where it is there already.
  package func createDataObject(
    _ name: RelativePath, _ bytes: [UInt8], metadata: [String: String]
  ) throws(RegistryError) -> Bool {
    try reporting("write \(name.text)") {
      let remote = try openRemote(dataRemote())
      let creation = try remote.create(name, DocumentSource(bytes), metadata: metadata) { _ in }
      if case .created = creation { return true }
      return false
    }
  }

  /// Notes an event; false where it was dealt with before. Events of a month ago are forgotten.
  package func noteEvent(
    bucket: String, object: String, generation: String
  ) throws(RegistryError) -> Bool {
    try reporting("note an event") {
      let now = clock.now()
      return try index().write { transaction in
        try transaction.forgetEvents(before: Timestamp(milliseconds: now.milliseconds - 30 * 24 * 3_600_000))
        return try transaction.noteEvent(bucket: bucket, object: object, generation: generation, at: now)
      }
    }
  }

  package func forgetEvent(bucket: String, object: String, generation: String) throws(RegistryError) {
    try reporting("forget an event") {
      try index().write { try $0.forgetEvent(bucket: bucket, object: object, generation: generation) }
    }
  }

  /// The time by this store's clock, and how it is configured.
  package var now: Timestamp { clock.now() }
  package var settings: Configuration { configuration }
  package var robotName: RobotName { robot }
}

extension Digest {
  /// Of a document in its canonical form.
  package static func ofDocument(_ document: JSONValue) throws(RegistryError) -> Digest {
    try reporting("hash a document") { try Digest.sha256(of: document.canonicalBytes) }
  }
}
