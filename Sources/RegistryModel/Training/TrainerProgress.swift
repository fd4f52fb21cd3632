/// How far a trainer is: one line of its output, `{"step":120,"total_steps":1000,"loss":0.31}`.
public struct TrainerProgress: Hashable, Sendable {
  public let step: Int64
  public let totalSteps: Int64?
  /// Finite; nil where the trainer doesn't say.
  public let loss: Double?

  public init(step: Int64, totalSteps: Int64?, loss: Double?) {
    self.step = step
    self.totalSteps = totalSteps
    self.loss = loss
  }

  /// From 0 to 1; nil where nobody knows how many steps there will be.
  public var fraction: Double? {
    guard let totalSteps, totalSteps > 0 else { return nil }
    return min(1, Double(step) / Double(totalSteps))
  }
}

/// One line of a trainer's output.
public enum TrainerLine: Hashable, Sendable {
  case progress(TrainerProgress, metrics: [String: Double])
  /// A loss that is no number: what was learnt is worthless.
  case diverged(String)
  /// Not for us; it goes to the log.
  case other

  /// Never fails: a trainer may print what it likes. NaN and Infinity, which Python writes although JSON has neither, are
  /// a divergence.
  public init(_ line: String) {
    guard line.utf8.first == UInt8(ascii: "{"), line.utf8.count <= 65_536 else {
      self = .other
      return
    }
    if let word = Self.notANumber(in: line) {
      self = .diverged(word)
      return
    }
    guard let value = try? JSONValue(parsing: Array(line.utf8)), let fields = value.asObject,
      let step = fields["step"]?.asInt, step >= 0
    else {
      self = .other
      return
    }
    let total = fields["total_steps"]?.asInt.flatMap { $0 < 0 ? nil : $0 }
    let known: Set = ["step", "total_steps", "loss"]
    var metrics: [String: Double] = [:]
    for (key, value) in fields where !known.contains(key) { metrics[key] = value.asDouble }
    self = .progress(
      TrainerProgress(step: step, totalSteps: total, loss: fields["loss"]?.asDouble), metrics: metrics)
  }

  /// What isn't a number, in whatever spelling a trainer's language prints it, as the value of a loss at any depth.
  private static func notANumber(in line: String) -> String? {
    for part in line.split(separator: ",") {
      let words = part.split(separator: ":", omittingEmptySubsequences: false)
      guard words.count > 1, let value = words.last, words.dropLast().contains(where: { $0.contains("loss") })
      else {
        continue
      }
      let word = value.drop { $0 == " " || $0 == "\t" }.prefix { !" \t}]\r".contains($0) }
      let bare = word.drop { $0 == "-" || $0 == "+" }.lowercased()
      if ["nan", "inf", "infinity"].contains(bare) { return String(word) }
      // More than a double can hold.
      if let number = Double(word), !number.isFinite { return String(word) }
    }
    return nil
  }
}
