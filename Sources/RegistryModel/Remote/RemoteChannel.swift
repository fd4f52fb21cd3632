/// A channel as its object on the remote says it; the object decides, and moves by compare-and-swap alone.
public struct RemoteChannel: Hashable, Sendable {
  public let setting: ChannelSetting

  public init(_ setting: ChannelSetting) { self.setting = setting }

  public var bytes: [UInt8] {
    JSONValue.object([
      "adapter": .string(setting.adapter.text), "name": .string(setting.name.text),
      "version": .string(setting.version.description), "digest": .string(setting.digest.description),
      "seq": .integer(setting.seq), "at": .string(setting.at.description), "by": .string(setting.by),
      "reason": .orNull(setting.reason),
    ]).canonicalBytes
  }

  /// Adapter and channel of an object's name; nil for a name that no channel has.
  public static func parse(name: RelativePath) -> (adapter: AdapterName, name: ChannelName)? {
    guard let rest = name.text.afterPrefix(RemoteLayout.channels), rest.hasSuffix(".json"),
      let (adapter, channel) = String(rest.dropLast(5)).splitOnce(at: UInt8(ascii: "/")),
      let adapter = try? AdapterName(parsing: adapter), let channel = try? ChannelName(parsing: channel)
    else { return nil }
    return (adapter, channel)
  }

  /// - Throws: `integrity` for a document that no registry writes, or that its name contradicts.
  public init(name: RelativePath, bytes: [UInt8]) throws(RegistryError) {
    var reader = try JSONReader(JSONValue(parsing: bytes), context: "channel")
    let setting = ChannelSetting(
      adapter: try reader.required("adapter", .adapter),
      name: try reader.required("name", .parsed(ChannelName.init(parsing:))),
      seq: try reader.required("seq", .integer), version: try reader.required("version", .version),
      digest: try reader.required("digest", .digest), at: try reader.required("at", .timestamp),
      by: try reader.required("by", .string), reason: try reader.nullable("reason", .string))
    try reader.finish()
    guard RemoteLayout.channel(setting.adapter, setting.name).text == name.text,
      ChannelSetting.numbers ~= setting.seq,
      setting.version.adapter == setting.adapter
    else {
      throw RegistryError(
        .integrity, "the channel's object \(name.text.quoted) speaks of \(setting.channel)",
        hint: "set the channel again, or look who writes the object")
    }
    self.setting = setting
  }
}
