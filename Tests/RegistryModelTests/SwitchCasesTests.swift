import RegistryModel
import Testing

/// Where the rules differ from the model on purpose. Each is expected exactly, and counted; nothing is skipped.
enum DeliberateDifference: String, CaseIterable {
  /// `back` is consumed by the rename that goes back through it, so this activation was answered; the model calls
  /// it abandoned. Only the history says it otherwise, a rollback goes to neither.
  case leftNotAbandoned = "a pending row whose prepared link is gone was left, not abandoned"
  /// Nobody ever ran it, whatever its row says: the model lets it count as confirmed before.
  case abandonedIsNotConfirmed = "an abandoned generation is no way back and no proof that its set is good"
  /// The model's directories never go away under the link. Here damage may do that, and there is a way back.
  case danglingActive = "a link whose directory is gone still has a way back"
  /// The model gives a trial up without a verdict where the disk is full. Here crashes are crashes: the block is
  /// made where there is room for it.
  case verdictOnFullDisk = "spent attempts are judged even where nothing can be written"
  /// A rollback that can't read the index may go there, or from there.
  case preparedIsProtected = "what the prepared link names is protected though it is no target now"
  /// The model goes on from each stored fallback. The design says: what a rollback from the active generation and
  /// from there would go to; the model's scenarios hold with that, too.
  case protectsTwoSteps = "protected is what two rollbacks need, where the model keeps what three do"
}

/// What the model is asked.
enum SwitchQuestion: String, CaseIterable, CustomTestStringConvertible {
  case rollbackTarget, fallbacks, trial, confirmed, usable, settled, conclusion, orphans, boot,
    confirmedAtOnce
  case nextNumber, protected
  var testDescription: String { rawValue }
}

@Suite struct SwitchCasesTests {
  @Test(arguments: SwitchQuestion.allCases)
  func `the rules answer as the model does`(question: SwitchQuestion) throws {
    let golden = try SwitchCases.golden.get()
    var asked = 0
    var wrong: [String] = []
    for one in golden.cases {
      guard let (rules, model) = try compare(question, one, golden) else { continue }
      asked += 1
      if rules != model { wrong.append("line \(one.line): the rules say \(rules), the model \(model)") }
    }
    #expect(asked > 1000)
    #expect(wrong.isEmpty, "\(wrong.count) of \(asked)\n\(wrong.prefix(5).joined(separator: "\n"))")
  }

  @Test func `every difference from the model is deliberate and occurs`() throws {
    let golden = try SwitchCases.golden.get()
    var counts: [DeliberateDifference: Int] = [:]
    for one in golden.cases {
      for difference in try differences(one, golden) { counts[difference, default: 0] += 1 }
    }
    print("switch cases: \(golden.cases.count)")
    for difference in DeliberateDifference.allCases {
      print("switch cases: \(counts[difference, default: 0]) × \(difference.rawValue)")
      #expect(counts[difference, default: 0] > 0, "\(difference)")
    }
  }

  // MARK: The answers

  /// The answer of the rules and the one that is expected of them; nil where the question has no sense.
  private func compare(
    _ question: SwitchQuestion, _ one: SwitchCase, _ golden: SwitchCases
  ) throws -> (rules: String, model: String)? {
    let view = one.view
    func pair<Value>(_ rules: Value, _ model: Value) -> (String, String) { ("\(rules)", "\(model)") }
    switch question {
    case .rollbackTarget:
      let model = try isDangling(one) ? highestUsable(one) : one.answer("target", adapted: true).int
      return pair(view.rollbackTarget, model)
    case .fallbacks:
      let model = try #require(try one.answer("fallbacks").asArray)
      return pair((0..<4).map { view.fallback(forNew: SwitchCase.set($0)) }, model.map(\.int))
    case .trial: return pair(view.isOnTrial, try one.answer("trial") == true)
    case .confirmed:
      let rules = view.generations.keys.sorted().filter { view.isConfirmed($0) }
      return pair(rules, try #require(try one.answer("confirmed").ints))
    case .usable:
      let numbers = view.generations.keys.sorted()
      let rules = (0..<4).map { set in numbers.filter { view.isUsable($0, leaving: SwitchCase.set(set)) } }
      return pair(rules, try #require(try one.answer("usable", adapted: true).asArray).map { $0.ints ?? [] })
    case .settled:
      guard let ledger = view.ledger else { return nil }
      let settled = view.settled(ledger)
      let states = settled.rows.values.sorted { $0.number < $1.number }.map(\.state)
      let link = isDangling(one) ? ledger.link : try one.answer("link").int
      return pair("\(states) \(settled.link ?? 0)", "\(try expectedStates(one)) \(link ?? 0)")
    case .conclusion:
      return view.ledger == nil ? nil : pair(text(view.conclusion), text(try expectedConclusion(one)))
    case .orphans:
      return view.ledger == nil ? nil : pair(view.orphans, try #require(try one.answer("orphans").ints))
    case .boot: return try bootAnswers(one, golden)
    case .confirmedAtOnce:
      guard let rows = one.rows else { return nil }
      let rules = try #require(try one.answer("may_activate").ints).filter { set in
        view.isConfirmedAtOnce(
          SwitchCase.set(set),
          confirmedBefore: rows.contains { $0.set == set && $0.isConfirmed && $0.state != "B" })
      }
      return pair(rules, try #require(try one.answer("at_once", adapted: true).ints))
    case .nextNumber: return pair(view.nextNumber, try #require(try one.answer("next").int))
    case .protected:
      guard view.ledger != nil else { return nil }
      let model = try one.answer("kept_by_design", adapted: true).ints ?? []
      let rules = protectedSets(withoutPrepared(view), one)
      // More than the model where the link dangles: it has a way back here.
      return pair(isDangling(one) ? rules.filter(model.contains) : rules, model)
    }
  }

  /// The way back from a link whose directory is gone, made of what the model calls usable. No row of a case
  /// knows a fallback that its directory doesn't know, so there is no chain to begin with.
  private func highestUsable(_ one: SwitchCase) throws -> Int? {
    let usable = try #require(try one.answer("usable", adapted: true).asArray)
    return usable[one.row(one.view.active)?.set ?? 0].ints?.max()
  }

  private func expectedStates(_ one: SwitchCase) throws -> [SwitchView.RowState] {
    let rows = try #require(one.rows)
    // A link that leads nowhere is damage, and nothing to follow: the rows stay as they are.
    if isDangling(one) { return try rows.map { try #require(SwitchCase.states[$0.state]) } }
    let model = try #require(try one.answer("settled").asString)
    return try zip(rows, model).map { row, letter in
      try isLeftNotAbandoned(row, one) ? .left : #require(SwitchCase.states[String(letter)])
    }
  }

  private func expectedConclusion(_ one: SwitchCase) throws -> SwitchView.Conclusion {
    let rows = try #require(one.rows)
    var expected = SwitchView.Conclusion()
    if isDangling(one) { return expected }
    for (row, state) in zip(rows, try expectedStates(one)) where SwitchCase.states[row.state] != state {
      expected.states[row.number] = state
    }
    expected.linkMoved = try one.answer("link").int != one.view.ledger?.link
    if let active = one.view.activeGeneration {
      if try one.answer("marked") == true { expected.staleMark = active.number }
      let target = try one.answer("target_settled", adapted: true).int
      if target != active.prepared {
        expected.arming = SwitchView.Arming(generation: active.number, target: target)
      }
    }
    let adaptation = try one.answer("target_settled") != one.answer("target_settled", adapted: true)
    if !adaptation { #expect(try one.answer("stale").asBool == !expected.isEmpty, "line \(one.line)") }
    return expected
  }

  private func text(_ conclusion: SwitchView.Conclusion) -> String {
    let states = conclusion.states.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let arming = conclusion.arming.map { "\($0.generation) -> \($0.target ?? 0)" } ?? "none"
    return "\(states), moved \(conclusion.linkMoved), mark \(conclusion.staleMark ?? 0), arm \(arming)"
  }

  /// What boot does, and what the model says that it does; the rules' verdict comes from the recorded attempts.
  private func bootAnswers(_ one: SwitchCase, _ golden: SwitchCases) throws -> (String, String)? {
    guard var model = try one.answer("boot").asString, let active = one.view.active else { return nil }
    let verdict = verdict(one, active, golden)
    let rules =
      switch verdict {
      case nil: "confirmed"
      case .load: one.hasSpace ? "spent" : "unrecorded"
      case .revert(.unknown): "unrecorded"
      case .revert(let reason): reason.rawValue
      }
    if isVerdictOnFullDisk(one, verdict), model == "unrecorded" { model = rules }
    return (rules, model)
  }

  private func verdict(_ one: SwitchCase, _ active: Int, _ golden: SwitchCases) -> Trial.Verdict? {
    guard one.view.isOnTrial else { return nil }
    func moment(_ boot: Int) -> Trial.Moment {
      Trial.Moment(bootID: "boot-\(boot)", uptimeMilliseconds: 0)
    }
    let row = one.row(active)
    let isKnown = row.map { !$0.tries.contains(0) } ?? false
    return Trial(
      policy: TrialPolicy(attempts: golden.attempts, deadlineMilliseconds: nil), started: moment(0),
      attempts: isKnown ? row?.tries.map(moment) : nil
    ).verdict(bootingAt: moment(one.boot))
  }

  // MARK: The differences

  private func differences(_ one: SwitchCase, _ golden: SwitchCases) throws -> Set<DeliberateDifference> {
    var found: Set<DeliberateDifference> = []
    if one.rows?.contains(where: { isLeftNotAbandoned($0, one) }) == true { found.insert(.leftNotAbandoned) }
    if one.otherwise != nil { found.insert(.abandonedIsNotConfirmed) }
    if isDangling(one) { found.insert(.danglingActive) }
    if let active = one.view.active, one.view.activeGeneration != nil,
      isVerdictOnFullDisk(one, verdict(one, active, golden))
    {
      found.insert(.verdictOnFullDisk)
    }
    if one.view.ledger != nil, try one.answer("kept") != one.answer("kept_by_design") {
      found.insert(.protectsTwoSteps)
    }
    if one.view.ledger != nil,
      protectedSets(one.view, one) != protectedSets(withoutPrepared(one.view), one)
    {
      found.insert(.preparedIsProtected)
    }
    return found
  }

  private func isLeftNotAbandoned(_ row: SwitchCase.Row, _ one: SwitchCase) -> Bool {
    guard row.state == "P", row.number != one.view.active, let generation = one.view.generations[row.number]
    else { return false }
    return generation.fallback != nil && generation.prepared == nil
  }

  private func isDangling(_ one: SwitchCase) -> Bool {
    one.view.active != nil && one.view.activeGeneration == nil
  }

  private func isVerdictOnFullDisk(_ one: SwitchCase, _ verdict: Trial.Verdict?) -> Bool {
    !one.hasSpace && (verdict == .revert(.power) || verdict == .revert(.crash))
  }

  private func withoutPrepared(_ view: SwitchView) -> SwitchView {
    var view = view
    if let active = view.active { view.generations[active]?.prepared = nil }
    return view
  }

  private func protectedSets(_ view: SwitchView, _ one: SwitchCase) -> [Int] {
    Set(view.protected.keys.compactMap { one.sets[$0] }).subtracting([0]).sorted()
  }
}
