import DurableFiles
import RegistryModel

/// Channels on the remote, whose objects decide.
struct RemoteChannels {
  /// How often a setting is tried again when somebody else was faster; each time, somebody else is done.
  private static let tries = 100

  let registry: Registry
  let remote: any ObjectStore

  func read(_ adapter: AdapterName, _ name: ChannelName) throws -> RemoteChannel? {
    try current(RemoteLayout.channel(adapter, name))?.value
  }

  /// The channel of an object as it stands now.
  func current(_ object: RelativePath) throws -> (value: RemoteChannel, generation: Int64)? {
    try remote.current(object) { try document($0) }
  }

  private func document(_ info: ObjectInfo) throws -> RemoteChannel {
    do {
      return try RemoteChannel(name: info.name, bytes: remote.document(info, limit: 64 << 10))
    } catch let error as RegistryError where error.code == .integrity {
      throw RegistryError(
        .integrity, "\(info.name.text) in \(remote.uri) can't be read: \(error.message)",
        hint: "set the channel again")
    }
  }

  /// Makes the channel's object name a version that is on the remote. One moves it at a time: whoever finds it moved
  /// looks again. An object that can't be read is replaced, and counts on from what is known here.
  func move(
    _ name: ChannelName, to record: VersionRecord, reason: String?
  ) throws -> (setting: ChannelSetting, generation: Int64) {
    let adapter = record.version.adapter
    let object = RemoteLayout.channel(adapter, name)
    try requirePublished(record)
    for _ in 0..<Self.tries {
      let current = try remote.current(object) { info -> ChannelSetting? in
        // Whoever put it there may have died before it was durable.
        try remote.settle(info)
        do {
          return try document(info).setting
        } catch let error as RegistryError where error.code == .integrity {
          return nil
        }
      }
      if let current, let setting = current.value, setting.digest == record.digest {
        return (setting, current.generation)
      }
      let known = try current?.value ?? registry.index().read { try $0.channel(adapter, name) }
      let next = RemoteChannel(
        ChannelSetting(
          adapter: adapter, name: name, seq: try ChannelSetting.number(after: known?.seq ?? 0),
          version: record.version, digest: record.digest, at: registry.clock.now(), by: registry.caller,
          reason: reason))
      if let made = try remote.replace(object, with: next.bytes, ifGeneration: current?.generation ?? 0) {
        return (next.setting, made.generation)
      }
    }
    throw RegistryError(
      .busy, "others keep moving \(record.version.adapter)@\(name.text) on \(remote.uri)", hint: "try again")
  }

  private func requirePublished(_ record: VersionRecord) throws {
    let info = try remote.info(RemoteLayout.manifest(record.version))
    let digest = try info.map {
      try Digest.sha256(of: remote.document($0, limit: Manifest.Limits.foreignBytes))
    }
    guard let digest else {
      throw RegistryError(
        .refused, "\(record.version) is not on \(remote.uri), where others would look for it",
        hint: "`modelctl push \(record.version)` first")
    }
    guard digest == record.digest else { throw Push.conflict(record, digest, remote) }
    if let info { try remote.settle(info) }
  }
}
