import DurableFiles
import RegistryModel

extension MarkStore {
  /// The settings of all channels as the marks say, by channel and order; what can't be read is told beside them.
  func channelSettings() throws -> (settings: [ChannelSetting], problems: [String]) {
    try read(Store.channelsFolder) { try ChannelSetting(markName: $0, text: $1) }
  }

  /// The highest number that any mark of a channel has, readable or not; 0 without one.
  func highestSetting(of channel: String) throws -> Int64 {
    guard let folder = try folder(Store.channelsFolder) else { return 0 }
    return try folder.entries().compactMap { entry in
      entry.name.afterPrefix("\(channel).").flatMap { Int64($0) }
    }.max() ?? 0
  }

  /// Writes a setting down; durable when it returns. A mark in its place that no row speaks for is a crash's.
  /// - Parameter isFirst: whether no setting was ever recorded, so that the folder's own name may be new, too.
  func set(_ setting: ChannelSetting, isFirst: Bool) throws {
    try put(setting.markName, setting.markText, in: Store.channelsFolder, isFirst: isFirst)
  }

  /// Takes marks of settings away that were never acknowledged; durable when it returns.
  func forget(_ settings: [ChannelSetting]) throws {
    try takeAway(settings.map(\.markName), from: Store.channelsFolder)
  }

  // MARK: Evaluations

  /// The evaluations as the marks say; what can't be read is told beside them.
  func evaluations() throws -> (records: [EvaluationRecord], problems: [String]) {
    let found = try read(Store.evaluationsFolder) { try EvaluationRecord(markName: $0, text: $1) }
    return (found.settings, found.problems)
  }

  /// Attaches an evaluation whose document is a durable blob; durable when it returns.
  func attach(_ record: EvaluationRecord, isFirst: Bool) throws {
    try put(record.markName, record.markText, in: Store.evaluationsFolder, isFirst: isFirst)
  }

  /// Takes marks of evaluations away that were never acknowledged; durable when it returns.
  func forget(_ records: [EvaluationRecord]) throws {
    try takeAway(records.map(\.markName), from: Store.evaluationsFolder)
  }

  // MARK: Folders of marks

  /// A store that was made before there were such marks has no folder for them yet.
  private func folder(_ name: String) throws -> Directory? {
    do {
      return try store.root.directory("marks/\(name)")
    } catch {
      guard error.isMissing else { throw error }
      return nil
    }
  }

  private func read<Mark>(
    _ name: String, _ parse: (String, String) throws -> Mark
  ) throws -> (settings: [Mark], problems: [String]) {
    guard let folder = try folder(name) else { return ([], []) }
    var marks: [Mark] = []
    var problems: [String] = []
    for entry in try folder.entries().sorted(by: { $0.name < $1.name }) {
      do {
        marks.append(try parse(entry.name, try folder.readLink(entry.name) ?? ""))
      } catch {
        problems.append("marks/\(name)/\(entry.name.quoted) can't be read: \(Self.text(error))")
      }
    }
    return (marks, problems)
  }

  private static func text(_ error: any Error) -> String { (error as? RegistryError)?.message ?? "\(error)" }

  private func put(_ name: String, _ text: String, in path: String, isFirst: Bool) throws {
    let marks = try store.root.directory("marks")
    let isNew = try marks.status(path) == nil
    if isNew { try marks.makeDirectory(path) }
    if isNew || isFirst { try marks.sync() }
    let folder = try marks.directory(path)
    do {
      try folder.makeLink(name, to: text)
    } catch {
      guard error.exists else { throw error }
      if (try? folder.readLink(name)) != text {
        try folder.removeTree(name)
        try folder.makeLink(name, to: text)
      }
    }
    try folder.sync()
  }

  private func takeAway(_ names: [String], from path: String) throws {
    guard !names.isEmpty, let folder = try folder(path) else { return }
    for name in names { try folder.remove(name) }
    try folder.sync()
  }
}
