import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Channel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel",
    abstract: "Movable names for versions, with their history.",
    subcommands: [ChannelList.self, ChannelSet.self, ChannelHistory.self])

  /// Settings as a table, with what to ask for more.
  static func text(_ settings: [ChannelSetting], next: String?, quiet: Bool) -> String {
    if quiet { return settings.map(\.channel).joined(separator: "\n") }
    var table = Table([
      ("CHANNEL", .left), ("SEQ", .right), ("VERSION", .left), ("AT", .left), ("BY", .left),
      ("REASON", .left),
    ])
    for setting in settings {
      table.add([
        setting.channel, "\(setting.seq)", setting.version.description, setting.at.description, setting.by,
        setting.reason ?? "",
      ])
    }
    return settings.isEmpty ? "no channels" : table.text() + (next.map { "\nmore: --after \($0)" } ?? "")
  }

  /// `robot_001@stable` as adapter and name.
  static func parse(_ text: String) throws -> (adapter: AdapterName, name: ChannelName) {
    guard case .channel(let adapter, let name)? = try? Reference(parsing: text) else {
      throw RegistryError(.usage, "\(text.quoted) names no channel", hint: "write it like robot_001@stable")
    }
    return (adapter, name)
  }
}

struct ChannelList: StoreCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "What each channel names.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var page: PageOptions
  @Argument(help: "One adapter; all if left out.") var adapter: String?

  func run() throws {
    let session = try Session(options)
    let result = try session.openForReading().channels(
      of: try adapter.map { try AdapterName(parsing: $0) },
      after: try page.after.map { try Channel.parse($0) },
      limit: try page.checkedLimit())
    session.answer([
      "channels": .array(result.items.map(Document.channel)), "next": .orNull(result.next),
    ]) { Channel.text(result.items, next: result.next, quiet: options.quiet) }
  }
}

struct ChannelSet: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Make a channel of the version's adapter name this version.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The channel, stable.") var name: String
  @Argument(help: "The version.") var reference: String
  @Option(help: "Why; kept in the history.") var reason: String?

  func run() throws {
    let session = try Session(options)
    let name = try ChannelName(parsing: name)
    let reference = try Reference(parsing: reference)
    let result = try session.open().setChannel(name, to: reference, reason: reason)
    session.answer(["channels": .array([Document.channel(result.setting)]), "next": .null]) {
      let setting = result.setting
      if options.quiet { return setting.channel }
      guard result.changed else { return "\(setting.channel) names \(setting.version) already" }
      return "\(setting.channel) names \(setting.version)" + (result.previous.map { ", after \($0)" } ?? "")
    }
  }
}

struct ChannelHistory: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "What a channel named, newest first.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var page: PageOptions
  @Argument(help: "The channel, robot_001@stable.") var channel: String

  func run() throws {
    let session = try Session(options)
    let (adapter, name) = try Channel.parse(channel)
    let after = try page.after.map { text in
      guard let seq = Int64(text) else {
        throw RegistryError(.usage, "\(text.quoted) is no `next` of a history", hint: "give what `next` said")
      }
      return seq
    }
    let result = try session.openForReading().history(
      of: adapter, channel: name, after: after, limit: try page.checkedLimit())
    let next = result.next.map { "\($0)" }
    session.answer(["channels": .array(result.items.map(Document.channel)), "next": .orNull(next)]) {
      if options.quiet { return result.items.map(\.version.description).joined(separator: "\n") }
      return Channel.text(result.items, next: next, quiet: false)
    }
  }
}
