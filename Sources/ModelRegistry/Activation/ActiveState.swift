import DurableFiles
public import RegistryModel

/// What runs, read from the link and the files behind it: no lock, no write, no index.
public struct ActiveState: Hashable, Sendable {
  public enum State: String, Hashable, Sendable { case confirmed, trial }

  public let generation: Int
  public let state: State
  /// When the link was put there, by the file system's clock.
  public let since: Timestamp
  public let set: GenerationSet
  /// `ROOT/generations/N`, what a runtime opens its files beneath.
  public let path: String

  /// Where an adapter's files are; nil when the set has no such adapter.
  public func path(of adapter: AdapterName) -> String? { set[adapter].map { _ in "\(path)/\(adapter.text)" } }

  /// Reads the active set of the store at `root`.
  /// - Throws: `notFound` when nothing is active or there is no store; `integrity` when the link dangles.
  public static func read(_ root: String) throws(RegistryError) -> ActiveState {
    try reporting("read the active set") {
      let store = try openRoot(root)
      guard let status = try store.status(GenerationStore.linkName) else {
        throw RegistryError(
          .notFound, "nothing is active in \(root)", hint: "activate a version: `modelctl activate REF`")
      }
      let text = status.kind == .link ? try store.readLink(GenerationStore.linkName) : nil
      guard let number = text.flatMap({ GenerationStore.number(inLink: $0) }) else {
        throw RegistryError(
          .integrity,
          "\(root)/active \(text.map { "points to \($0.quoted)" } ?? "is no link"), and names no generation",
          hint: "`modelctl rollback` returns to the last good one")
      }
      return try read(number, beneath: store)
    }
  }

  private static func openRoot(_ root: String) throws -> Directory {
    do {
      return try Directory.open(root)
    } catch {
      guard error.isMissing else { throw error }
      throw RegistryError(
        .notFound, "there is no store at \(root)",
        hint: "name it with --root, or make it with `modelctl init`")
    }
  }

  private static func read(_ number: Int, beneath root: Directory) throws -> ActiveState {
    let link = try root.status(GenerationStore.linkName)
    let folder = GenerationStore.linkText(number)
    guard let link, try root.status(folder)?.kind == .directory else {
      throw RegistryError(
        .integrity, "active names generation \(number), which is not there",
        hint: "`modelctl rollback` returns to the last good one")
    }
    let record = try GenerationStore.record(number, at: "\(folder)/\(GenerationStore.recordName)", in: root)
    let trial = try root.status("\(folder)/\(GenerationStore.trialName)")
    return ActiveState(
      generation: number, state: trial == nil ? .confirmed : .trial,
      since: Timestamp(milliseconds: link.changedNanoseconds / 1_000_000), set: record.set,
      path: "\(root.path)/\(folder)")
  }
}
