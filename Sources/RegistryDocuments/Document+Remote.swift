package import ModelRegistry
package import RegistryModel

/// The JSON of what is shared: the remote, rounds of sync, channels.
extension Document {
  package static func remote(_ state: RemoteState?) -> JSONValue {
    guard let state else { return ["uri": .null] }
    return [
      "uri": .string(state.uri.description), "cursor": .orNull(state.cursor?.description),
      "synced_at": .orNull(state.syncedAt?.description),
      "waiting": .array(
        state.waiting.map {
          [
            "version": .string($0.version.description), "since": .string($0.since.description),
            "problem": .orNull($0.problem),
          ]
        }),
      "problems": .array(state.problems.map(JSONValue.string)),
    ]
  }

  package static func synced(_ result: SyncResult) -> JSONValue {
    [
      "fetched_versions": .integer(result.fetched.count), "pushed_versions": .integer(result.pushed.count),
      "requests": .integer(result.traffic.requests), "bytes_in": .integer(result.traffic.bytesIn),
      "bytes_out": .integer(result.traffic.bytesOut), "conflicts": .integer(result.conflicts.count),
      "fetched": .array(result.fetched.map { .string($0.description) }),
      "pushed": .array(result.pushed.map { .string($0.description) }),
      "channels": .array(result.channels.map(channel)),
      "conflicting": .array(
        result.conflicts.map { ["version": .string($0.version.description), "problem": .string($0.problem)] }),
      "problems": .array(result.problems.map(JSONValue.string)),
    ]
  }

  package static func channel(_ setting: ChannelSetting) -> JSONValue {
    [
      "adapter": .string(setting.adapter.text), "name": .string(setting.name.text),
      "version": .string(setting.version.description), "digest": .string(setting.digest.description),
      "seq": .integer(setting.seq), "at": .string(setting.at.description), "by": .string(setting.by),
      "reason": .orNull(setting.reason),
    ]
  }
}
