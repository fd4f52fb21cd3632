import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Active: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "active",
    abstract: "What runs, or ran at a time.",
    discussion: "Reads the link and the files behind it: no lock, no write, no index (but for --at).")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "One adapter.") var adapter: String?
  @Flag(help: "Print the path to load and nothing else.") var path = false
  @Option(help: "What ran at this time, RFC 3339.") var at: String?

  func run() throws {
    let session = try Session(options, isWayBack: true)
    let adapter = try adapter.map { try AdapterName(parsing: $0) }
    if let at { return try answer(session, adapter, at: try Timestamp(parsing: at)) }
    let state = try ActiveState.read(session.root)
    if let adapter, state.set[adapter] == nil { throw missing(adapter, session) }
    if path, !options.json { return print(adapter.flatMap(state.path(of:)) ?? state.path) }
    let shown = adapter.flatMap { state.set[$0] }.map { GenerationSet([$0]) } ?? state.set
    session.answer(Document.active(state, shown)) {
      if options.quiet { return shown.sorted.map(\.version.description).joined(separator: "\n") }
      return text(
        shown, "generation \(state.generation), \(state.state.rawValue), since \(state.since)", state.path)
    }
  }

  private func answer(_ session: Session, _ adapter: AdapterName?, at time: Timestamp) throws {
    guard let entry = try session.openForReading().switchInForce(at: time), let number = entry.generation
    else {
      throw RegistryError(
        .notFound, "nothing was active in \(session.root) at \(time)", hint: "see `modelctl history`")
    }
    if let adapter, entry.set[adapter] == nil { throw missing(adapter, session) }
    let shown = adapter.flatMap { entry.set[$0] }.map { GenerationSet([$0]) } ?? entry.set
    let folder = Document.generation(session.root, number)
    if path, !options.json { return print(adapter.map { "\(folder)/\($0.text)" } ?? folder) }
    session.answer(Document.active(entry, generation: number, shown, root: session.root)) {
      text(shown, "generation \(number), \(entry.kind.rawValue) at \(entry.at) by \(entry.by)", folder)
    }
  }

  private func text(_ set: GenerationSet, _ headline: String, _ folder: String) -> String {
    var table = Table([("ADAPTER", .left), ("VERSION", .left), ("DIGEST", .left), ("PATH", .left)])
    for member in set.sorted {
      let name = member.version.adapter.text
      table.add([name, member.version.description, member.digest.short, "\(folder)/\(name)"])
    }
    return set.isEmpty ? "\(headline): nothing" : "\(headline)\n\(table.text())"
  }

  private func missing(_ adapter: AdapterName, _ session: Session) -> RegistryError {
    RegistryError(
      .notFound, "no version of \(adapter.text) is active in \(session.root)", hint: "see `modelctl active`")
  }
}
