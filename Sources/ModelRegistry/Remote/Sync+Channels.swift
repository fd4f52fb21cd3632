import DurableFiles
import RegistryModel

extension Sync {
  /// Records what channels name on the remote, where their objects changed since they were read.
  func followChannels() throws {
    let channels = RemoteChannels(registry: registry, remote: remote)
    try remote.pages(ObjectQuery(prefix: RemoteLayout.channels)) { page in
      try meter.check()
      for info in page.objects {
        guard let (adapter, _) = RemoteChannel.parse(name: info.name),
          policy.adapters?.contains(adapter) ?? true,
          try index.read({ try $0.generation(of: info.name) }) != info.generation
        else { continue }
        do throws(RegistryError) {
          try reporting("follow \(info.name.text)") { try follow(info.name, channels) }
        } catch {
          guard error.code != .cancelled, error.code != .remote || !isAway() else { throw error }
          note(error)
        }
      }
    }
  }

  private func follow(_ object: RelativePath, _ channels: RemoteChannels) throws {
    guard let current = try channels.current(object) else { return }
    let setting = current.value.setting
    guard let record = try record(setting) else { return }
    let recorded = try registry.record(setting, current.generation, record)
    if recorded.changed { result.channels.append(recorded.setting) }
  }

  /// The version that a channel names, which is brought where the journal didn't tell of it; nil where it can't be, which
  /// is noted. One adapter's channel says nothing of another's.
  private func record(_ setting: ChannelSetting) throws -> VersionRecord? {
    func known() throws -> VersionRecord? { try index.read { try $0.version(setting.version) } }
    if try known() == nil {
      let left = try index.read { try $0.unfetched(limit: 100) }.contains { $0.version == setting.version }
      guard !left else { return nil }
      _ = try noting(setting.version, setting.digest) { try bring(setting.version, setting.digest) }
    }
    guard let record = try known() else {
      if !result.problems.contains(where: { $0.hasPrefix("\(setting.version): ") }) {
        result.problems.append(
          "\(setting.channel) names \(setting.version), which is not in \(remote.uri); set it to another version"
        )
      }
      return nil
    }
    guard record.digest == setting.digest else {
      result.problems.append(
        "\(setting.channel) names \(setting.version) as \(setting.digest.short), and it is \(record.digest.short) here; "
          + "set it to another version")
      return nil
    }
    return record
  }
}
