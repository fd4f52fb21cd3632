/// One setting of a channel: since `at`, `robot_001@stable` means this version. Settings are never changed.
///
/// It lies beside the index as a mark, a symbolic link `ADAPTER@NAME.SEQ` whose text says the rest
/// (docs/format.md, "Marks"), so that a lost index loses no channel.
public struct ChannelSetting: Hashable, Sendable {
  public static let maximumBytesOfBy = 64
  public static let maximumBytesOfReason = 160
  /// What ``seq`` may be: whoever reads a number of others counts on from it.
  public static let numbers: ClosedRange<Int64> = 1...(1 << 40)

  public let adapter: AdapterName
  public let name: ChannelName
  /// Counts the settings of this channel from 1.
  public let seq: Int64
  public let version: VersionID
  /// The digest of the version's manifest.
  public let digest: Digest
  public let at: Timestamp
  /// Who set it; at most 64 bytes, what is longer is cut.
  public let by: String
  /// Why, or nil; at most 160 bytes, what is longer is cut.
  public let reason: String?

  public init(
    adapter: AdapterName, name: ChannelName, seq: Int64, version: VersionID, digest: Digest, at: Timestamp,
    by: String, reason: String?
  ) {
    self.adapter = adapter
    self.name = name
    self.seq = seq
    self.version = version
    self.digest = digest
    self.at = at
    self.by = by.storable(maximumBytes: Self.maximumBytesOfBy, keepingNewlines: false)
    let text = reason?.storable(maximumBytes: Self.maximumBytesOfReason, keepingNewlines: false)
    self.reason = text.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The number of the next setting.
  /// - Throws: `refused` where there is none left.
  public static func number(after seq: Int64) throws(RegistryError) -> Int64 {
    guard seq < numbers.upperBound else {
      throw RegistryError(
        .refused, "the channel was set \(seq) times, and no number is left", hint: "use another channel")
    }
    return max(0, seq) + 1
  }

  /// The channel as people write it: `robot_001@stable`.
  public var channel: String { "\(adapter)@\(name)" }

  /// The mark's name.
  public var markName: String { "\(channel).\(seq)" }

  /// The mark's text, at most 512 bytes: version, digest, time, how many bytes the next text has, who, why.
  public var markText: String {
    let text = "\(version) \(digest) \(at) \(by.utf8.count) \(by)"
    return reason.map { "\(text) \($0)" } ?? text
  }

  /// Reads a mark back.
  ///
  /// - Throws: `integrity` for a name or text that no setting writes.
  public init(markName: String, text: String) throws(RegistryError) {
    func malformed() -> RegistryError {
      RegistryError(
        .integrity, "the mark \(markName.quoted) says nothing of a channel: \(text.quoted)",
        hint: "set the channel again")
    }
    guard let (channel, number) = markName.splitOnce(at: UInt8(ascii: ".")), let seq = Int64(number),
      Self.numbers ~= seq,
      "\(seq)" == number, let (adapter, name) = channel.splitOnce(at: UInt8(ascii: "@"))
    else { throw malformed() }
    let words = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
    guard words.count == 5, let length = Int(words[3]), length >= 0, length <= words[4].utf8.count else {
      throw malformed()
    }
    let by = String(decoding: words[4].utf8.prefix(length), as: UTF8.self)
    let rest = String(decoding: words[4].utf8.dropFirst(length), as: UTF8.self)
    guard rest.isEmpty || rest.hasPrefix(" ") else { throw malformed() }
    self.init(
      adapter: try AdapterName(parsing: adapter), name: try ChannelName(parsing: name), seq: seq,
      version: try VersionID(parsing: words[0]), digest: try Digest(parsing: words[1]),
      at: try Timestamp(parsing: words[2]), by: by, reason: rest.isEmpty ? nil : String(rest.dropFirst()))
    guard version.adapter == self.adapter, markText == text else { throw malformed() }
  }
}
