/// Where to train now, with every reason: a decision without I/O.
public struct TrainingDecision: Hashable, Sendable {
  public enum Verdict: String, Sendable { case local, cloud, wait }

  /// What the machine and its history say. What a machine doesn't have is nil, and holds nothing up; what was named for it
  /// and can't be read does.
  public struct Facts: Hashable, Sendable {
    /// Valid episodes that no job has used.
    public var newEpisodes = 0
    public var freeMemoryBytes: Int64?
    public var celsius: Double?
    /// Nil on a machine without a battery, too.
    public var batteryPercent: Double?
    public var isCharging = false
    /// The configured file, where it can't be read.
    public var unreadableTemperatureFile: String?
    public var unreadableBatteryFile: String?
    public var millisecondsSinceLastJob: Int64?
    public var jobsThisWeek = 0
    public var cloudJobsThisWeek = 0
    public var unfinishedJobs = 0
    public var hasTrainer = false
    public var hasCloud = false

    public init() {}
  }

  public enum Scope: String, Sendable { case all, local, cloud }

  /// One rule: what it looks at, the number, its limit, and whether it holds.
  public struct Reason: Hashable, Sendable {
    public let rule: String
    public let scope: Scope
    public let holds: Bool
    /// A sentence with the number and the limit.
    public let text: String

    public init(rule: String, scope: Scope, holds: Bool, text: String) {
      self.rule = rule
      self.scope = scope
      self.holds = holds
      self.text = text
    }
  }

  public let verdict: Verdict
  /// Every rule, in a fixed order, whether it holds or not.
  public let reasons: [Reason]

  /// Local where everything local holds, as it needs no network; else the cloud where everything of it holds; else wait.
  public init(_ facts: Facts, _ policy: DecisionPolicy) {
    let reasons = Self.rules(facts, policy)
    func holds(_ scope: Scope) -> Bool {
      reasons.allSatisfy { $0.holds || ($0.scope != .all && $0.scope != scope) }
    }
    self.reasons = reasons
    verdict = holds(.local) ? .local : holds(.cloud) ? .cloud : .wait
  }

  private static func rules(_ facts: Facts, _ policy: DecisionPolicy) -> [Reason] {
    func rule(_ name: String, _ scope: Scope, _ holds: Bool, _ text: String) -> Reason {
      Reason(rule: name, scope: scope, holds: holds, text: text)
    }
    func megabytes(_ bytes: Int64) -> String { ByteCount(bytes: bytes).description }
    let since = facts.millisecondsSinceLastJob
    let cost = Double(facts.cloudJobsThisWeek + 1) * policy.costPerCloudJob
    return [
      rule(
        "unfinished_jobs", .all, facts.unfinishedJobs == 0,
        "\(facts.unfinishedJobs) jobs are not finished, and none may be"),
      rule(
        "cool_down", .all, since.map { $0 >= policy.coolDownMilliseconds } ?? true,
        "\(since.map { "the last job began \(DurationText(milliseconds: $0)) ago" } ?? "no job began yet"), and "
          + "\(DurationText(milliseconds: policy.coolDownMilliseconds)) must lie between two"),
      rule(
        "jobs_per_week", .all, facts.jobsThisWeek < policy.jobsPerWeek,
        "\(facts.jobsThisWeek) jobs began within 7 days, and at most \(policy.jobsPerWeek) may"),
      rule(
        "trainer", .local, facts.hasTrainer,
        facts.hasTrainer ? "a trainer is configured" : "no trainer is configured (training.worker.command)"),
      rule(
        "local_episodes", .local, facts.newEpisodes >= policy.localEpisodes,
        "\(facts.newEpisodes) new episodes, and at least \(policy.localEpisodes) are needed to train here"),
      rule(
        "memory", .local, facts.freeMemoryBytes.map { $0 >= policy.localMemoryBytes } ?? true,
        "\(facts.freeMemoryBytes.map(megabytes) ?? "unknown") of memory is free, and "
          + "\(megabytes(policy.localMemoryBytes)) is needed"),
      rule(
        "temperature", .local,
        facts.celsius.map { $0 <= policy.maximumCelsius } ?? (facts.unreadableTemperatureFile == nil),
        "the machine has \(thermometer(facts)), and at most "
          + "\(rounded(policy.maximumCelsius)) °C are allowed"),
      rule(
        "battery", .local,
        facts.unreadableBatteryFile == nil
          && (facts.isCharging || facts.batteryPercent.map { $0 >= policy.minimumBatteryPercent } ?? true),
        "the battery has \(gauge(facts))"
          + (facts.isCharging ? " and is charging" : "")
          + ", and at least \(rounded(policy.minimumBatteryPercent)) % are needed"),
      rule(
        "cloud", .cloud, facts.hasCloud,
        facts.hasCloud ? "a backend in the cloud is configured" : "no backend in the cloud is configured"),
      rule(
        "cloud_episodes", .cloud, facts.newEpisodes >= policy.cloudEpisodes,
        "\(facts.newEpisodes) new episodes, and at least \(policy.cloudEpisodes) are needed for the cloud"),
      rule(
        "cost_per_week", .cloud, policy.costPerWeek.map { cost <= $0 } ?? true,
        "\(facts.cloudJobsThisWeek) jobs in the cloud within 7 days and one more cost \(rounded(cost)), and "
          + "\(policy.costPerWeek.map { "at most \(rounded($0)) may be spent" } ?? "there is no limit")"),
    ]
  }

  private static func thermometer(_ facts: Facts) -> String {
    if let file = facts.unreadableTemperatureFile {
      return "a thermometer that can't be read, \(file.quoted)"
    }
    return facts.celsius.map { "\(rounded($0)) °C" } ?? "no thermometer"
  }

  private static func gauge(_ facts: Facts) -> String {
    if let file = facts.unreadableBatteryFile { return "a gauge that can't be read, \(file.quoted)" }
    return facts.batteryPercent.map { "\(rounded($0)) %" } ?? "no gauge"
  }

  private static func rounded(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    guard tenths.magnitude < 1e15 else { return "\(value)" }
    return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int64(tenths / 10))" : "\(tenths / 10)"
  }

  public var json: JSONValue {
    [
      "decision": .string(verdict.rawValue),
      "reasons": .array(
        reasons.map {
          [
            "rule": .string($0.rule), "scope": .string($0.scope.rawValue), "holds": .bool($0.holds),
            "text": .string($0.text),
          ]
        }),
    ]
  }
}
