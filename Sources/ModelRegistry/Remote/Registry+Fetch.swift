import DurableFiles
public import RegistryModel

extension Registry {
  /// Makes a version whole and installed: from blobs that are here, else from the remote.
  ///
  /// With a remote, `A@latest` means the newest there or here, and a channel what its object there says. Durable when it
  /// returns. A version that is installed and whole is left as it is.
  /// - Throws: `notFound` where it is neither here nor there; `remote` where what is missing can't be asked for;
  ///   `integrity` where bytes don't match; `refused` where the remote has another version under a name that is taken here.
  public func install(
    _ reference: Reference, progress: ProgressHandler?
  ) throws(RegistryError) -> InstallResult {
    try reporting("install \(reference)") {
      let meter = ProgressMeter(progress)
      let place: RemoteURI?
      do {
        place = try RemotePlace(store: store).read()
      } catch let error as RegistryError {
        // A mark that says nothing is no reason to leave alone what is here.
        do throws(RegistryError) { return try install(reference, meter) } catch let failure {
          throw failure.code == .cancelled ? failure : error
        }
      }
      guard let uri = place else { return try install(reference, meter) }
      if let target = try target(of: reference, uri, meter) { return try install(target, from: uri, meter) }
      return try installKnown(resolve(reference), uri, meter)
    }
  }

  /// The version that the remote decides about, or that only it can know; nil where what is here is meant.
  private func target(
    of reference: Reference, _ uri: RemoteURI, _ meter: ProgressMeter
  ) throws -> (version: VersionID, digest: Digest?)? {
    let index = try index()
    switch reference {
    case .alias(let adapter, .latest):
      let here = try index.read { try $0.latestVersion(of: adapter)?.version }
      let there = try RemoteVersions(remote: openRemote(uri, meter)).latest(of: adapter)
      guard let there, there.number > here?.number ?? 0 else { return nil }
      return (there, nil)
    case .channel(let adapter, let name):
      guard
        let channel = try RemoteChannels(registry: self, remote: openRemote(uri, meter)).read(
          adapter, name)
      else {
        return nil
      }
      return (channel.setting.version, channel.setting.digest)
    case .version(let version):
      return try index.read { try $0.version(version) } == nil ? (version, nil) : nil
    default: return nil
    }
  }

  private func install(
    _ target: (version: VersionID, digest: Digest?), from uri: RemoteURI, _ meter: ProgressMeter
  ) throws -> InstallResult {
    let index = try index()
    if let known = try index.read({ try $0.version(target.version) }) {
      guard target.digest == nil || target.digest == known.digest else {
        throw try Push.conflict(known, target.digest ?? known.digest, openRemote(uri))
      }
      return try installKnown(known, uri, meter)
    }
    let pull = Pull(registry: self, index: index, remote: try openRemote(uri, meter), meter: meter)
    guard let offer = try pull.offer(target.version, expected: target.digest) else {
      throw RegistryError(
        .notFound, "\(target.version) is neither in the store \(root) nor in \(uri)",
        hint: "see `modelctl list`, or push it from where it was made")
    }
    return result(try pull.bring(offer))
  }

  private func installKnown(
    _ record: VersionRecord, _ uri: RemoteURI, _ meter: ProgressMeter
  ) throws -> InstallResult {
    do {
      return try install(.version(record.version), meter)
    } catch {
      guard error.code == .notFound || error.code == .integrity else { throw error }
      let pull = Pull(registry: self, index: try index(), remote: try openRemote(uri, meter), meter: meter)
      return result(try pull.complete(record))
    }
  }

  private func result(_ outcome: Pull.Outcome) -> InstallResult {
    InstallResult(
      version: outcome.version, digest: outcome.digest, fetchedBytes: outcome.fetchedBytes,
      reusedBytes: outcome.reusedBytes, alreadyInstalled: false)
  }
}
