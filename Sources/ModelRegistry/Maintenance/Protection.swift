import DurableFiles
import RegistryModel

/// What may not be removed now, and why: read within the transaction that removes, under exclusive `content`.
struct Protection {
  /// Reasons by generation.
  let generations: [Int: String]
  /// Reasons by version, most of them by way of a generation. Channels are asked for one by one: see ``reason(for:in:)``.
  let versions: [VersionID: String]

  init(_ registry: Registry, _ view: SwitchView) throws {
    let generations = try view.protected.merging(registry.generations.leased()) { known, _ in known }
    var versions: [VersionID: String] = [:]
    for version in try registry.marks.pins() { versions[version] = "it is pinned" }
    for (number, reason) in generations.sorted(by: { $0.key < $1.key }) {
      let set = view.generations[number]?.set ?? view.ledger?.rows[number]?.set ?? GenerationSet()
      for member in set.sorted where versions[member.version] == nil {
        versions[member.version] = "generation \(number) holds it, and \(reason)"
      }
    }
    self.generations = generations
    self.versions = versions
  }

  /// Why a version may not be uninstalled now; nil where nothing protects it.
  func reason(for record: VersionRecord, in transaction: Transaction) throws -> String? {
    if let reason = versions[record.version] { return reason }
    // Until it has arrived, what is here may be the only copy.
    if try transaction.isWaiting(record.id) { return "it waits to be sent to the remote" }
    return try transaction.channels(naming: record.digest).first.map { "the channel \($0) names it" }
  }
}
