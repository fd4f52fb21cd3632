import Mutations
import RegistryModel
import Testing

/// Long random histories under the rules, with deaths at any step: more sets, more generations and more commands than
/// the exhaustive model can afford.
@Suite struct SwitchHistoryTests {
  @Test(arguments: 0..<8)
  func `the rules keep their promises in random histories`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: 1_000 + seed)
    var deaths = 0
    var reverts = 0
    var rollbacks = 0
    for _ in 0..<150 {
      var history = SwitchHistory()
      do {
        for _ in 0..<60 {
          let command = Self.command(history, using: &generator)
          if Int.random(in: 0..<6, using: &generator) == 0 {
            history.install(Int.random(in: SwitchHistory.sets, using: &generator))
          }
          try history.run(
            command,
            dyingAfter: Bool.random(using: &generator) ? .max : Int.random(in: 0..<9, using: &generator),
            powerCut: Bool.random(using: &generator),
            indexIsReadable: Int.random(in: 0..<12, using: &generator) != 0)
        }
      } catch {
        Issue.record("seed \(seed): \(error)\n\(history.log.joined(separator: "; "))\n\(history.picture)")
        return
      }
      deaths += history.deaths
      reverts += history.reverts
      rollbacks += history.rollbacks
    }
    // Histories in which nothing happens prove nothing.
    #expect(deaths > 500 && reverts > 80 && rollbacks > 500, "\(deaths), \(reverts), \(rollbacks)")
  }

  private static func command(
    _ history: SwitchHistory, using generator: inout SeededGenerator
  ) -> SwitchHistory.Command {
    let set = Int.random(in: SwitchHistory.sets, using: &generator)
    switch Int.random(in: 0..<16, using: &generator) {
    case 0..<5: return .activate(set)
    case 5..<7: return .confirm
    case 7..<9: return .boot
    case 9..<11: return .reboot
    case 11: return .rollback(bad: false)
    case 12: return .rollback(bad: Bool.random(using: &generator))
    case 13: return .rollbackTo(history.view.generations.keys.sorted().randomElement(using: &generator) ?? 1)
    case 14: return .fault
    default: return .uninstall(set)
    }
  }
}
