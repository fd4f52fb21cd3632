import RegistryModel
import Testing

/// The trial as docs/format.md describes it ("Boot", "Rollback, revert").
@Suite struct TrialTests {
  private func moment(_ boot: String, _ uptime: Int64 = 0) -> Trial.Moment {
    Trial.Moment(bootID: boot, uptimeMilliseconds: uptime)
  }

  private func trial(
    attempts: Int = 3, deadline: Int64? = nil, started: Trial.Moment? = nil, boots: [Trial.Moment]? = []
  ) -> Trial {
    Trial(
      policy: TrialPolicy(attempts: attempts, deadlineMilliseconds: deadline),
      started: started ?? moment("zero"), attempts: boots)
  }

  /// Boots until the trial reverts: how many were allowed to load, and what ended it.
  private func run(_ start: Trial, _ boots: [Trial.Moment]) -> (loads: Int, end: RevertReason?) {
    var trial = start
    for (loads, boot) in boots.enumerated() {
      switch trial.verdict(bootingAt: boot) {
      case .load: trial.attempts?.append(boot)
      case .revert(let reason): return (loads, reason)
      }
    }
    return (boots.count, nil)
  }

  // MARK: Attempts

  @Test(arguments: [1, 2, 3, 7])
  func `N attempts are N boots that may load, and the next one reverts`(attempts: Int) {
    let boots = (1...20).map { moment("boot-\($0)") }
    let result = run(trial(attempts: attempts), boots)
    #expect(result.loads == attempts && result.end == .power)
    #expect(run(trial(attempts: attempts), Array(boots.prefix(attempts))).end == nil)
  }

  @Test func `each boot is told how many are left after it`() {
    var going = trial(attempts: 3)
    for left in [2, 1, 0] {
      #expect(going.attemptsLeft == left + 1)
      #expect(going.verdict(bootingAt: moment("boot-\(left)")) == .load(attemptsLeft: left))
      going.attempts?.append(moment("boot-\(left)"))
    }
    #expect(going.attemptsLeft == 0)
  }

  @Test func `one attempt is one boot`() {
    #expect(trial(attempts: 1).verdict(bootingAt: moment("a")) == .load(attemptsLeft: 0))
    #expect(trial(attempts: 1, boots: [moment("a")]).verdict(bootingAt: moment("b")) == .revert(.power))
    #expect(trial(attempts: 1, boots: [moment("a")]).verdict(bootingAt: moment("a")) == .revert(.crash))
  }

  @Test(arguments: [
    (["a", "b", "c"], "d", RevertReason.power), (["a", "b", "c"], "c", .crash),
    (["a", "b", "c"], "a", .crash),
    (["a", "a", "b"], "c", .crash), (["a", "b", "a"], "c", .crash), (["a", "a", "a"], "a", .crash),
    (["b", "c", "c"], "d", .crash),
  ])
  func `power is to blame only where all boots differ, the reverting one too`(
    spent: [String], now: String, reason: RevertReason
  ) {
    let verdict = trial(boots: spent.map { moment($0) }).verdict(bootingAt: moment(now, 5))
    #expect(verdict == .revert(reason))
  }

  @Test func `the boot of the activation counts only when it loads`() {
    // Activated in boot a, which then loaded it once: one attempt is spent there, not two.
    let started = moment("a", 10)
    #expect(
      trial(attempts: 2, started: started, boots: [moment("a", 20)]).verdict(bootingAt: moment("b"))
        == .load(attemptsLeft: 0))
    #expect(
      trial(attempts: 2, started: started, boots: [moment("a", 20), moment("b")]).verdict(
        bootingAt: moment("c"))
        == .revert(.power))
  }

  @Test func `attempts that nobody counted are spent, and nobody is to blame`() {
    let lost = trial(deadline: 1, boots: nil)
    #expect(lost.verdict(bootingAt: moment("zero", 99)) == .revert(.unknown))
    #expect(lost.attemptsLeft == 0)
  }

  @Test func `more attempts than allowed are none left`() {
    #expect(trial(attempts: 1, boots: [moment("a"), moment("b")]).attemptsLeft == 0)
  }

  // MARK: Deadline

  @Test func `without a deadline no trial is overdue`() {
    let old = trial(started: moment("a", 0), boots: [moment("a", 1)])
    #expect(!old.isOverdue(at: moment("a", .max)))
  }

  @Test func `within the activation's boot the deadline counts from the activation`() {
    let going = trial(deadline: 1000, started: moment("a", 500), boots: [moment("a", 1400)])
    #expect(!going.isOverdue(at: moment("a", 1499)))
    #expect(going.isOverdue(at: moment("a", 1500)))
    #expect(trial(deadline: 1000, started: moment("a", 500)).isOverdue(at: moment("a", 1500)))
  }

  @Test func `in a later boot the deadline counts from that boot's first attempt`() {
    let going = trial(
      deadline: 1000, started: moment("a", 500), boots: [moment("a", 600), moment("b", 30), moment("b", 900)])
    #expect(!going.isOverdue(at: moment("b", 1029)))
    #expect(going.isOverdue(at: moment("b", 1030)))
  }

  @Test func `a boot that has not loaded yet is never overdue, however long the machine was off`() {
    let going = trial(deadline: 1, started: moment("a", 500), boots: [moment("b", 30)])
    #expect(!going.isOverdue(at: moment("c", 1_000_000)))
    #expect(going.verdict(bootingAt: moment("c", 1_000_000)) == .load(attemptsLeft: 1))
  }

  @Test func `an overdue trial reverts for its deadline, with attempts left or without`() {
    let going = trial(deadline: 10, started: moment("a", 0), boots: [moment("a", 1)])
    #expect(going.verdict(bootingAt: moment("a", 10)) == .revert(.deadline))
    let spent = trial(attempts: 1, deadline: 10, started: moment("a", 0), boots: [moment("a", 1)])
    #expect(spent.verdict(bootingAt: moment("a", 10)) == .revert(.deadline))
    #expect(spent.verdict(bootingAt: moment("a", 9)) == .revert(.crash))
  }

  // MARK: Policy and reasons

  @Test func `a policy is brought into its ranges`() {
    #expect(
      TrialPolicy(attempts: 0, deadlineMilliseconds: 0) == TrialPolicy(attempts: 1, deadlineMilliseconds: 1))
    #expect(TrialPolicy(attempts: -5, deadlineMilliseconds: -1).attempts == 1)
    #expect(TrialPolicy(attempts: .max, deadlineMilliseconds: .max).attempts == 1_000_000)
    #expect(TrialPolicy(attempts: 1, deadlineMilliseconds: .max).deadlineMilliseconds == 1_000_000_000_000)
    #expect(TrialPolicy.standard.attempts == 3 && TrialPolicy.standard.deadlineMilliseconds == nil)
  }

  @Test func `digests are blocked only where the model is to blame`() {
    let blocking = RevertReason.allCases.filter(\.blocks)
    #expect(blocking == [.crash, .fault, .probe, .deadline])
    #expect(RevertReason.allCases.filter { !$0.blocks } == [.power, .unprobed, .unknown, .unrecorded])
  }
}

@Suite struct TickJudgeTests {
  @Test(arguments: [
    [], [500.0], [101, 101], [80, 95, 130, 120, 100], [130, 120, 90, 130, 120], [100, 100, 100, 100],
    [101, 101, 99, 101, 101, 99],
  ])
  func `two late ticks in a row are no fault`(ticks: [Double]) {
    #expect(TickJudge().fault(in: ticks) == nil)
  }

  @Test(arguments: [
    [80.0, 95, 130, 120, 110], [101, 101, 101], [1, 200, 200, 1, 300, 300, 300, 1], [.nan, .infinity, 101],
  ])
  func `three late ticks in a row are a fault`(ticks: [Double]) {
    #expect(TickJudge().fault(in: ticks) != nil)
  }

  @Test func `the fault names the three ticks and the limit`() {
    let fault = TickJudge().fault(in: [80, 95, 130, 120.5, 110, 400])
    #expect(fault == "three ticks in a row over 100.0 ms: 130.0, 120.5, 110.0")
  }

  @Test func `the limit may be set`() {
    #expect(TickJudge(limitMilliseconds: 10).fault(in: [11, 12, 13]) != nil)
    #expect(TickJudge(limitMilliseconds: 20).fault(in: [11, 12, 13]) == nil)
  }
}
