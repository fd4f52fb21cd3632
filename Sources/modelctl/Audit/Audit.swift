import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "The record of everything that was done.",
    subcommands: [AuditShow.self, AuditVerify.self, AuditExport.self], defaultSubcommand: AuditShow.self)
}

struct AuditShow: StoreCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Records, one a line.")

  @OptionGroup var options: GlobalOptions
  @Option(help: "Only records from this time on, RFC 3339.") var since: String?

  func run() throws {
    let session = try Session(options)
    let since = try since.map { try Timestamp(parsing: $0) }
    try AuditPages(try session.openForReading(), since: since).forEach { record, digest in
      print(options.json ? record.json(digest: digest).canonicalText : text(record).printable)
    }
  }

  private func text(_ record: AuditRecord) -> String {
    if options.quiet { return "\(record.seq)" }
    let isChange = record.from != nil || record.to != nil
    let change = isChange ? "  \(record.from ?? "-") → \(record.to ?? "-")" : ""
    let reason = record.reason.map { "  \($0)" } ?? ""
    return "\("\(record.seq)".padding(to: 5))\(record.at)  \(record.by.padding(to: 8))  "
      + "\(record.kind.rawValue.padding(to: 10))  \(record.subject)\(change)\(reason)"
  }
}

struct AuditVerify: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Compute the chain again; exits 5 on damage.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let session = try Session(options)
    let check = try session.openForReading().verifyAudit()
    session.answer(Document.checked(check)) {
      let head = check.head.map { ", head \($0.seq) \($0.digest)" } ?? ""
      guard !check.problems.isEmpty else {
        return "\(Sentence.count(check.records, "record")), the chain holds\(head)"
      }
      return (check.problems.map { "DAMAGED  \($0)" } + ["\(Sentence.count(check.records, "record"))\(head)"])
        .joined(
          separator: "\n")
    }
    if !check.problems.isEmpty { throw ExitStatus(code: 5) }
  }
}

struct AuditExport: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Every record with its digest as JSON, one a line.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    try AuditPages(try Session(options).openForReading(), since: nil).forEach { record, digest in
      print(record.json(digest: digest).canonicalText)
    }
  }
}

/// All records, page by page.
struct AuditPages {
  let registry: Registry
  let since: Timestamp?

  init(_ registry: Registry, since: Timestamp?) {
    self.registry = registry
    self.since = since
  }

  func forEach(_ body: (AuditRecord, Digest) throws -> Void) throws {
    var after: Int64? = 0
    while let cursor = after {
      let page = try registry.audit(after: cursor, since: since)
      for (record, digest) in page.items { try body(record, digest) }
      after = page.next
    }
  }
}
