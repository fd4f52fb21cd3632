import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct List: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The versions that are known here.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var page: PageOptions

  @Argument(help: "One adapter; all if left out.") var adapter: String?

  func run() throws {
    let session = try Session(options)
    let registry = try session.openForReading()
    let result = try registry.versions(
      of: try adapter.map { try AdapterName(parsing: $0) },
      after: try page.after.map { try VersionID(parsing: $0) }, limit: try page.checkedLimit())
    session.answer([
      "versions": .array(result.items.map(Document.version)), "next": .orNull(result.next?.description),
    ]) { text(result) }
  }

  private func text(_ page: Page<VersionSummary, VersionID>) -> String {
    if options.quiet { return page.items.map(\.version.description).joined(separator: "\n") }
    var table = Table([
      ("VERSION", .left), ("SIZE", .right), ("CREATED", .left), ("STATE", .left), ("DIGEST", .left),
    ])
    for item in page.items {
      table.add([
        item.version.description, "\(ByteCount(bytes: item.bytes))", item.createdAt.description,
        Self.state(item), item.digest.short,
      ])
    }
    let more = page.next.map { "\nmore: --after \($0)" } ?? ""
    return page.items.isEmpty ? "no versions" : table.text() + more
  }

  static func state(_ item: VersionSummary) -> String {
    var words = [item.isActive ? "active" : item.isInstalled ? "installed" : "known"]
    words += item.channels.map { "@\($0)" }
    if let name = item.originVersion { words.append("from \(name)") }
    if item.isPinned { words.append("pinned") }
    if item.isBlocked { words.append("BLOCKED") }
    if item.isDamaged { words.append("DAMAGED") }
    return words.joined(separator: ", ")
  }
}

/// What every list takes.
struct PageOptions: ParsableArguments {
  @Option(help: "How many at the most.") var limit: Int = 100
  @Option(help: "Go on after this one, as `next` said.") var after: String?

  func checkedLimit() throws -> Int {
    guard 1...100_000 ~= limit else {
      throw RegistryError(.usage, "--limit takes 1 to 100000", hint: "go on with --after")
    }
    return limit
  }
}
