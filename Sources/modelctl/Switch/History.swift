import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct History: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "What was switched, reverted and refused, newest first.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var page: PageOptions
  @Argument(help: "One adapter.") var adapter: String?

  func run() throws {
    let session = try Session(options)
    let after = try page.after.map { text in
      guard let id = Int64(text) else {
        throw RegistryError(.usage, "\(text.quoted) is no `next` of a history", hint: "give what `next` said")
      }
      return id
    }
    let result = try session.openForReading().history(
      of: try adapter.map { try AdapterName(parsing: $0) }, after: after, limit: try page.checkedLimit())
    session.answer([
      "switches": .array(result.items.map(Document.history)),
      "next": .orNull(result.next.map { "\($0)" }),
    ]) { text(result) }
  }

  private func text(_ page: Page<HistoryEntry, Int64>) -> String {
    if options.quiet {
      return page.items.compactMap { $0.switchNumber.map { "\($0)" } }.joined(separator: "\n")
    }
    var table = Table([
      ("SWITCH", .right), ("AT", .left), ("KIND", .left), ("FROM", .right), ("TO", .right), ("SET", .left),
      ("BY", .left), ("REASON", .left),
    ])
    for entry in page.items {
      let kind = entry.state == .abandoned ? "\(entry.kind.rawValue) (abandoned)" : entry.kind.rawValue
      table.add([
        entry.switchNumber.map { "\($0)" } ?? "-", entry.at.description, kind,
        entry.previous.map { "\($0)" } ?? "-", entry.generation.map { "\($0)" } ?? "-",
        entry.generation == nil ? "-" : Sentence.set(entry.set), entry.by, entry.reason ?? "",
      ])
    }
    let more = page.next.map { "\nmore: --after \($0)" } ?? ""
    return page.items.isEmpty ? "nothing was switched yet" : table.text() + more
  }
}
