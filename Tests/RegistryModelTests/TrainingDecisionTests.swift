import RegistryModel
import Testing

@Suite struct TrainingDecisionTests {
  private static func facts(_ change: (inout TrainingDecision.Facts) -> Void = { _ in })
    -> TrainingDecision.Facts
  {
    var facts = TrainingDecision.Facts()
    facts.newEpisodes = 20
    facts.freeMemoryBytes = 4 << 30
    facts.celsius = 50
    facts.batteryPercent = 80
    facts.hasTrainer = true
    facts.hasCloud = true
    change(&facts)
    return facts
  }

  private static func verdict(
    _ change: (inout TrainingDecision.Facts) -> Void, _ policy: DecisionPolicy = DecisionPolicy()
  ) -> TrainingDecision.Verdict {
    TrainingDecision(facts(change), policy).verdict
  }

  @Test func `local where it can, the cloud where only that can, else wait`() {
    #expect(Self.verdict { _ in } == .local)
    #expect(Self.verdict { $0.newEpisodes = 4 } == .local)
    #expect(Self.verdict { $0.newEpisodes = 3 } == .wait)
    for change in [
      { $0.hasTrainer = false }, { $0.freeMemoryBytes = 1 << 30 }, { $0.celsius = 75.1 },
      { $0.batteryPercent = 29 },
    ] as [(inout TrainingDecision.Facts) -> Void] {
      #expect(Self.verdict(change) == .cloud)
      #expect(
        Self.verdict {
          change(&$0)
          $0.newEpisodes = 19
        } == .wait)
      #expect(
        Self.verdict {
          change(&$0)
          $0.hasCloud = false
        } == .wait)
    }
    #expect(
      Self.verdict {
        $0.batteryPercent = 5
        $0.isCharging = true
      } == .local)
  }

  @Test func `what can't be known holds nothing up`() {
    #expect(
      Self.verdict {
        $0.freeMemoryBytes = nil
        $0.celsius = nil
        $0.batteryPercent = nil
      } == .local)
  }

  @Test func `a gauge that was named and can't be read holds training here up`() {
    #expect(
      Self.verdict {
        $0.celsius = nil
        $0.unreadableTemperatureFile = "/thermometer"
        $0.hasCloud = false
      } == .wait)
    let decision = TrainingDecision(
      Self.facts {
        $0.batteryPercent = nil
        $0.isCharging = true
        $0.unreadableBatteryFile = "/battery"
      }, DecisionPolicy())
    #expect(decision.verdict == .cloud)
    #expect(decision.reasons.first { !$0.holds }?.text.contains("/battery") == true)
  }

  @Test func `one job at a time, with a pause, and so many a week`() {
    #expect(Self.verdict { $0.unfinishedJobs = 1 } == .wait)
    #expect(Self.verdict { $0.millisecondsSinceLastJob = 6 * 3_600_000 - 1 } == .wait)
    #expect(Self.verdict { $0.millisecondsSinceLastJob = 6 * 3_600_000 } == .local)
    #expect(Self.verdict { $0.jobsThisWeek = 7 } == .wait)
    var policy = DecisionPolicy()
    policy.costPerCloudJob = 3
    policy.costPerWeek = 10
    func cloud(_ jobs: Int) -> TrainingDecision.Verdict {
      Self.verdict(
        {
          $0.hasTrainer = false
          $0.cloudJobsThisWeek = jobs
        }, policy)
    }
    #expect(cloud(2) == .cloud && cloud(3) == .wait)
  }

  @Test func `every rule is told with its number, whether it holds or not`() {
    let decision = TrainingDecision(Self.facts { $0.newEpisodes = 3 }, DecisionPolicy())
    #expect(decision.reasons.count == 11)
    #expect(decision.reasons.filter { !$0.holds }.map(\.rule) == ["local_episodes", "cloud_episodes"])
    #expect(
      decision.reasons.first { $0.rule == "local_episodes" }?.text.contains("3 new episodes, and at least 4")
        == true)
    #expect(decision.json["decision"]?.asString == "wait")
  }
}
