import DurableFiles
import RegistryModel

/// The directories under `generations/` and the link `active`.
///
/// Order of a new generation (docs/format.md, A2): everything in its directory, `generation.json` synced, the
/// directory synced, `generations/` synced; only then may a row or the link name it. A crash before that leaves
/// a directory that no row knows: the next opening removes it, unless its number is the highest.
struct GenerationStore: Sendable {
  static let linkName = "active"
  static let recordName = "generation.json"
  static let backName = "back"
  static let forwardName = "forward"
  static let trialName = "trial"
  /// What stands for a link `active` that isn't ours: no generation has this number, so its folder is missing.
  static let nowhere = 0
  static let trialText = "not confirmed yet"

  let store: Store

  static func linkText(_ number: Int) -> String { "generations/\(number)" }
  static func treeText(_ version: VersionID) -> String { treesText + version.description }
  private static let treesText = "../../versions/"

  /// The number in a link's text, nil for a text that isn't ours.
  static func number(inLink text: String) -> Int? {
    guard text.hasPrefix("generations/") else { return nil }
    return parsed(String(text.dropFirst("generations/".count)))
  }

  private static func parsed(_ name: String) -> Int? {
    guard let number = Int(name), number > 0, "\(number)" == name else { return nil }
    return number
  }

  /// The generation that `active` names, whether it stands or not; nil when there is no link, ``nowhere`` when
  /// something else is in its place.
  func activeNumber() throws -> Int? {
    guard let status = try store.root.status(Self.linkName) else { return nil }
    guard status.kind == .link, let text = try store.root.readLink(Self.linkName) else { return Self.nowhere }
    return Self.number(inLink: text) ?? Self.nowhere
  }

  /// Moves a folder that is in the link's place out of the way, as no rename replaces one.
  func clearLink() throws {
    guard try store.root.status(Self.linkName)?.kind == .directory else { return }
    let name = "\(Self.linkName)-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    try store.root.rename(Self.linkName, to: name, in: store.quarantine, replacing: false)
  }

  func numbers() throws -> [Int] {
    try store.generations.entries().compactMap { $0.kind == .directory ? Self.parsed($0.name) : nil }.sorted()
  }

  /// The record of a generation.
  func record(_ number: Int) throws -> GenerationRecord {
    try Self.record(number, at: "\(number)/\(Self.recordName)", in: store.generations)
  }

  /// The record of generation `number`, which must speak of it; `integrity` where it is missing or doesn't.
  static func record(_ number: Int, at path: String, in directory: Directory) throws -> GenerationRecord {
    func damage(_ what: String) -> RegistryError {
      RegistryError(
        .integrity, "generations/\(number)/\(recordName) \(what)",
        hint: "roll back to a generation that verifies")
    }
    let bytes: [UInt8]
    do {
      bytes = try directory.readSmallFile(path, limit: 4 << 20)
    } catch {
      guard error.isMissing else { throw error }
      throw damage("is missing")
    }
    let record = try GenerationRecord(parsing: bytes)
    guard record.number == number else { throw damage("speaks of generation \(record.number)") }
    return record
  }

  /// Everything that the rules look at. Where the index has a row it tells the set and the fallback; without
  /// one `generation.json` does. A directory that can't be read, or has neither, can't be used, says why, and stops nothing.
  /// `isWhole` says what the index knows of a version: installed, under this digest, and not damaged.
  func view(
    ledger: SwitchView.Ledger?, blocked: Set<Digest>,
    isWhole: (GenerationSet.Member) throws -> Bool
  ) throws -> SwitchView {
    let trees = TreeStore(store: store)
    var whole: [GenerationSet.Member: Bool] = [:]
    var generations: [Int: SwitchView.Generation] = [:]
    for number in try numbers() {
      generations[number] = try generation(number, row: ledger?.rows[number]) { member in
        if let known = whole[member] { return known }
        let answer = try trees.stands(member.version) && isWhole(member)
        whole[member] = answer
        return answer
      }
    }
    return SwitchView(active: try activeNumber(), generations: generations, ledger: ledger, blocked: blocked)
  }

  private func generation(
    _ number: Int, row: SwitchView.Row?, isWhole: (GenerationSet.Member) throws -> Bool
  ) throws -> SwitchView.Generation {
    var problem: String?
    func looked<Answer>(_ look: () throws -> Answer?) -> Answer? {
      do {
        return try look()
      } catch {
        problem = (error as? RegistryError)?.message ?? "\(error)"
        return nil
      }
    }
    let record = row == nil ? looked { try self.record(number) } : nil
    let set = row?.set ?? record?.set
    let isComplete = try set?.sorted.allSatisfy { member in
      let text = looked { try store.generations.readLink("\(number)/\(member.version.adapter.text)") }
      return try text == Self.treeText(member.version) && isWhole(member)
    }
    let document = looked { try store.generations.status("\(number)/\(Self.recordName)") }
    // A mark that can't be looked at counts as there: nothing is confirmed by an error.
    let hasTrialMark = looked { try store.generations.status("\(number)/\(Self.trialName)") != nil } ?? true
    // One that can't be read is made again.
    let back = (try? store.generations.readLink("\(number)/\(Self.backName)")) ?? nil
    return SwitchView.Generation(
      number: number, set: set ?? GenerationSet(), fallback: row?.fallback ?? record?.fallback,
      hasTrialMark: hasTrialMark, prepared: back.flatMap { Self.number(inLink: $0) },
      isComplete: isComplete == true && document?.kind == .file, problem: problem)
  }

  /// Refuses an index that is older than the store, one that was copied back: it would take what came after it for
  /// leftovers, and give its names away again.
  func requireCurrent(_ index: Index) throws {
    let heads = [try activeNumber().flatMap(head), try newestHead()].compactMap(\.self)
    guard let head = heads.max(by: { $0.seq < $1.seq }) else { return }
    guard try !index.read({ try $0.accounts(for: head) }) else { return }
    throw RegistryError(
      .integrity, "the index is older than the store, or of another one: it lacks audit record \(head.seq)",
      unchanged: Index.filesAreSafe, hint: "`modelctl rebuild` completes it from the files beside it")
  }

  /// Of the newest generation that can be read: damage stops nothing, but must not make an old index look new.
  private func newestHead() throws -> AuditHead? {
    for number in try numbers().reversed() {
      if let head = head(of: number) { return head }
    }
    return nil
  }

  /// The record of the audit that a generation was made after; nil where its own record can't be read.
  private func head(of number: Int) -> AuditHead? { (try? record(number))?.audit }

  /// The versions that a generation's links lead to, whatever its record says.
  func linkedVersions(_ number: Int) throws -> [VersionID] {
    let directory = try store.generations.directory("\(number)")
    return try directory.entries().filter { $0.kind == .link }.compactMap { entry in
      guard let name = try directory.readLink(entry.name)?.afterPrefix(Self.treesText) else { return nil }
      return try? VersionID(parsing: name)
    }
  }

  /// Builds a generation and makes it durable. Throws `FileError` with EEXIST when the number is taken.
  func build(_ record: GenerationRecord, onTrial: Bool) throws {
    let name = "\(record.number)"
    try store.generations.makeDirectory(name)
    let directory = try store.generations.directory(name)
    for member in record.set.sorted {
      try directory.makeLink(member.version.adapter.text, to: Self.treeText(member.version))
    }
    if let fallback = record.fallback { try directory.makeLink(Self.backName, to: Self.linkText(fallback)) }
    if onTrial { try directory.makeLink(Self.trialName, to: Self.trialText) }
    try directory.makeLink(Self.forwardName, to: Self.linkText(record.number))
    let file = try directory.createFile(mode: 0o444)
    try record.canonicalBytes.withUnsafeBytes { try file.write($0) }
    try file.sync()
    guard try file.link(as: Self.recordName, in: directory) else {
      throw RegistryError(
        .integrity, "generations/\(name) holds a generation.json already", hint: "run the command again")
    }
    try directory.sync()
    try store.generations.sync()
  }

  /// Makes a generation durable that may have been left half built.
  func makeDurable(_ number: Int) throws {
    let directory = try store.generations.directory("\(number)")
    try directory.syncFile(Self.recordName)
    try directory.sync()
    try store.generations.sync()
  }

  /// Flushes a generation's folder: its links, not its own name.
  func makeLinksDurable(_ number: Int) throws {
    try store.generations.directory("\(number)").sync()
  }

  /// Makes `back` of a generation point where a rollback from it goes, or takes it away; durable when it returns.
  func arm(_ arming: SwitchView.Arming) throws {
    let directory = try store.generations.directory("\(arming.generation)")
    if let target = arming.target {
      try directory.remove("\(Self.backName).new")
      try directory.makeLink("\(Self.backName).new", to: Self.linkText(target))
      try directory.rename("\(Self.backName).new", to: Self.backName, in: directory, replacing: true)
    } else {
      try directory.remove(Self.backName)
    }
    try directory.sync()
  }

  /// Takes the trial mark away; durable when it returns.
  func removeTrialMark(_ number: Int) throws {
    let directory = try store.generations.directory("\(number)")
    try directory.remove(Self.trialName)
    try directory.sync()
  }

  /// Whether a generation without a row is one that an activation left: half built, or whole. One whose record is damaged or
  /// can't be read may be what is left of more.
  func isDisposable(_ number: Int) -> Bool {
    do {
      guard try store.generations.status("\(number)/\(Self.recordName)") != nil else { return true }
      _ = try record(number)
      return true
    } catch {
      return false
    }
  }

  /// Removes a generation's directory, name first; false when somebody leases it, or it can't be looked at.
  func remove(_ number: Int) throws -> Bool {
    let name = "\(number)"
    let directory: Directory
    do {
      directory = try store.generations.directory(name)
    } catch {
      guard error.isMissing else { return false }
      // Whoever took it may have died before he could flush.
      try store.generations.sync()
      return true
    }
    guard directory.leaseExclusive() else { return false }
    let trash = "trash-generation-\(number)"
    try store.staging.removeTree(trash)
    try store.generations.rename(name, to: trash, in: store.staging, replacing: false)
    try store.generations.sync()
    try store.staging.removeTree(trash)
    return true
  }

  /// Why generations may be in use: a runtime has leased them, or it can't be looked up.
  func leased() throws -> [Int: String] {
    var reasons: [Int: String] = [:]
    for number in try numbers() {
      do {
        guard try !store.generations.directory("\(number)").leaseExclusive() else { continue }
        reasons[number] = "a runtime has leased it"
      } catch {
        guard !error.isMissing else { continue }
        reasons[number] = "whether a runtime has leased it can't be looked up (\(error))"
      }
    }
    return reasons
  }
}
