import DurableFiles
import RegistryModel

extension Reconciliation {
  /// Channels with their history, and evaluations, as the marks say. Pins and blocks are marks and nothing else.
  mutating func addMarks() throws {
    let settings = try marks.channelSettings()
    let evaluations = try marks.evaluations()
    for text in settings.problems + evaluations.problems { problem(text) }
    for setting in settings.settings.sorted(by: { ($0.channel, $0.seq) < ($1.channel, $1.seq) }) {
      try add(setting)
    }
    for record in evaluations.records { try add(record) }
  }

  private mutating func add(_ setting: ChannelSetting) throws {
    let outcome = try index.write { transaction -> String? in
      if try transaction.hasSetting(setting) { return nil }
      guard try transaction.version(setting.version)?.digest == setting.digest else {
        return "the channel \(setting.channel) names \(setting.version), which can't come back"
      }
      guard try !transaction.hasSetting(numbered: setting.seq, of: setting) else {
        return "setting \(setting.seq) of the channel \(setting.channel) is another one in the index"
      }
      try transaction.insertSetting(setting)
      return ""
    }
    if let outcome, !outcome.isEmpty { problem(outcome) }
    if outcome == "" {
      result.added += 1
      result.channels += 1
    }
  }

  private mutating func add(_ record: EvaluationRecord) throws {
    let isGood = (try? blobs.read(record.digest)) != nil
    let outcome = try index.write { transaction -> Bool? in
      guard let version = try transaction.version(record.version) else { return false }
      if try transaction.hasEvaluation(record.digest, of: version) { return nil }
      guard isGood, let status = try blobs.status(record.digest) else { return false }
      try transaction.putBlob(record.digest, bytes: status.size)
      try transaction.insertEvaluation(record, of: version)
      return true
    }
    if outcome == false {
      problem("an evaluation of \(record.version) can't come back: \(record.digest.short) is missing or bad")
    }
    if outcome == true {
      result.added += 1
      result.evaluations += 1
    }
  }
}
