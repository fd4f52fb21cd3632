import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Health: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Report how the active versions do; a fault ends a trial badly.")

  @OptionGroup var options: GlobalOptions
  @Flag(help: "All is well.") var ok = false
  @Option(help: "Something is wrong, and what.") var fault: String?
  @Option(help: "Control-loop ticks in ms, 80,95,130; three late ones in a row are a fault.") var ticksMs:
    String?
  @Option(help: "The generation that is meant; another one that is active is refused.") var generation: Int?
  @Flag(help: "Roll back on a fault also when the generation is confirmed.") var rollback = false

  func run() throws {
    let report = try report()
    let session = try Session(options, isWayBack: true)
    if let answer = try ControlClient(session)?.post("health", document(report)) {
      return session.answer(answer, warnings: answer.warnings) {
        if options.quiet { return answer.generation }
        return (answer["reverted"]?.isNull == false ? "reverted: " : "") + Sentence.state(answer)
      }
    }
    let registry = try session.openWithoutIndex()
    let result = try registry.health(report, generation: generation, rollback: rollback)
    let reverted = result.switched ? RevertReason.fault.rawValue : nil
    session.answer(
      Document.trial(result, reverted: reverted, root: session.root), warnings: result.warnings
    ) {
      if options.quiet { return "\(result.generation)" }
      return (result.switched ? "reverted: " : "") + Sentence.state(result)
    }
    registry.tidy()
  }

  private func document(_ report: HealthReport) -> [String: JSONValue] {
    var document: [String: JSONValue] = [
      "generation": Document.integer(generation), "rollback": .bool(rollback),
    ]
    switch report {
    case .ok: document["ok"] = true
    case .fault(let why): document["fault"] = .string(why)
    case .ticks(let ticks): document["ticks_ms"] = .array(ticks.map(JSONValue.number))
    }
    return document
  }

  private func report() throws -> HealthReport {
    switch (ok, fault, ticksMs) {
    case (true, nil, nil): return .ok
    case (false, let fault?, nil): return .fault(fault)
    case (false, nil, let list?):
      let ticks = list.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
      guard !ticks.isEmpty, !ticks.contains(where: { $0.map { !$0.isFinite || $0 < 0 } ?? true }) else {
        throw RegistryError(.usage, "\(list.quoted) is no list of milliseconds", hint: "write 80,95,130")
      }
      return .ticks(ticks.compactMap(\.self))
    default:
      throw RegistryError(
        .usage, "one report is needed", hint: "give one of --ok, --fault WHY, --ticks-ms LIST")
    }
  }
}
