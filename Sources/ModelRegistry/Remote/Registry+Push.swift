import DurableFiles
public import RegistryModel

/// What `push` did for one version.
public struct PushResult: Hashable, Sendable {
  public let version: VersionID
  public let digest: Digest
  public let traffic: RemoteTraffic
}

extension Registry {
  /// Sends a version to the remote: when this returns, everybody who shares it can have it.
  ///
  /// It waits in the outbox from before the first byte until it has arrived, so that a sync finishes what a failure
  /// left. `plain` puts the files themselves beside the manifest, too, for readers that know only folders.
  /// - Throws: `refused` where the remote has another version of this name; `remote` where it can't be reached, and then
  ///   the version waits.
  public func push(
    _ reference: Reference, plain: Bool = false, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> PushResult {
    try reporting("push \(reference)") {
      let index = try index()
      let record = try resolve(reference)
      let uri = try requireRemote()
      try index.write { try $0.enqueue(record.id, for: uri.description, plain: plain, at: clock.now()) }
      let meter = ProgressMeter(progress)
      do throws(RegistryError) {
        return try reporting("push \(record.version)") {
          let remote = try openRemote(uri, meter)
          try send(record, plain: plain, to: remote, index, meter)
          return PushResult(version: record.version, digest: record.digest, traffic: remote.traffic)
        }
      } catch {
        if error.code == .refused {
          try index.write { try $0.dequeue(record) }
          throw error
        }
        throw try waiting(error, record, index)
      }
    }
  }

  /// Sends one version, and takes it out of the outbox.
  func send(
    _ record: VersionRecord, plain: Bool, to remote: any ObjectStore, _ index: Index,
    _ meter: ProgressMeter
  ) throws {
    try Push(registry: self, index: index, remote: remote, meter: meter).send(record, plain: plain)
    try index.write { transaction in
      try transaction.dequeue(record)
      try transaction.audit(
        .push, record.version.description, to: record.digest.description, reason: remote.uri, by: caller,
        at: clock.now())
    }
  }

  /// Notes why a version couldn't be sent: it waits for a later try. That somebody stopped it is no problem of its own.
  func waiting(_ error: RegistryError, _ record: VersionRecord, _ index: Index) throws -> RegistryError {
    if error.code != .cancelled {
      try index.write { try $0.setProblem(error.message, refused: error.code == .refused, sending: record) }
    }
    return RegistryError(
      error.code, error.message, unchanged: "\(record.version) waits to be sent",
      hint: "\(error.hint); `modelctl sync` sends what waits")
  }
}
