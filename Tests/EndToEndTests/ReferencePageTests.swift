import Foundation
import ModelRegistry
import TestSupport
import Testing

/// docs/cli.md against the program.
@Suite struct `The page on the command line` {
  static let shapes: [(command: String, shape: Shape)] = [
    ("init", .object(["root": .text, "schema": .integer])), ("publish", .published), ("import", .published),
    ("list", .list), ("show", .shown), ("files", .files), ("diff", .diffed), ("install", .installed),
    ("uninstall", .uninstalled), ("lineage", .lineage), ("impact", .impact),
    ("pin", .pinned), ("channel", .channels), ("evaluate", .evaluated), ("rebuild", .rebuilt),
    ("backup", .backedUp), ("activate", .switched), ("boot", .trial), ("health", .trial), ("active", .active),
    ("history", .history), ("status", .status), ("doctor", .doctor), ("verify", .verified),
    ("scrub", .scrubbed),
    ("gc", .collected), ("version", .version), ("remote", .remote), ("sync", .synced), ("bundle", .bundled),
    ("episodes", .uploaded), ("train", .job), ("worker", .worked),
  ]

  @Test func `its samples have the fields that the program prints`() throws {
    let page = try Page("cli.md")
    for (command, shape) in Self.shapes {
      let samples = page.blocks("json", beneath: command)
      #expect(samples.count == 1, "\(command)")
      for sample in samples { shape.check(try JSONValue(parsing: Array(sample.utf8))) }
    }
    let tokens = try page.blocks("json", beneath: "token").map { try JSONValue(parsing: Array($0.utf8)) }
    try #require(tokens.count == 2)
    Shape.newToken.check(tokens[0])
    Shape.tokens.check(tokens[1])
    let audit = try page.blocks("json", beneath: "audit").map { try JSONValue(parsing: Array($0.utf8)) }
    try #require(audit.count == 2)
    Shape.auditRecord.check(audit[0])
    Shape.auditCheck.check(audit[1])
  }

  @Test func `it has every command, and no other`() throws {
    let help = try CommandStore().ctl("help").out
    let list = try #require(help.components(separatedBy: "SUBCOMMANDS:\n").last)
    let commands = list.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0 != "See" }
    let general: Set = ["Exit codes", "Which store", "Configuration", "References"]
    #expect(Set(try Page("cli.md").headings).subtracting(general) == Set(commands))
  }

  @Test func `its configuration is accepted as it is written`() throws {
    let store = try CommandStore.ready()
    let text = try #require(try Page("cli.md").blocks("yaml").first)
    try store.ctl("list", "--config", store.scratch.write("config.yaml", text))
  }
}
