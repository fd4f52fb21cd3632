import ArgumentParser

/// A command that works on a store.
protocol StoreCommand: ParsableCommand {
  var options: GlobalOptions { get }
}

/// What every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(help: "The store's folder.")
  var root: String?

  @Flag(help: "Print one JSON document.")
  var json = false

  @Flag(name: [.short, .long], help: "Print identifiers only, and no progress.")
  var quiet = false

  @Flag(name: [.short, .long], help: "Say more: which store, how many flushes.")
  var verbose = false

  @Option(help: "How long to wait for others, 10s if not given.")
  var wait: String?

  @Option(help: "The configuration file.")
  var config: String?

  private static let flags: Set = ["--json", "--quiet", "-q", "--verbose", "-v"]
  private static let options: Set = ["--root", "--wait", "--config"]

  /// These options put behind everything else: they mean the same in front of a command, between its words and
  /// after it. What follows `--` is left alone.
  static func moved(behindCommandIn arguments: [String]) -> [String] {
    var moved: [String] = []
    var kept: [String] = []
    var rest = arguments[...]
    while let first = rest.first, first != "--" {
      if flags.contains(first) || options.contains(where: { first.hasPrefix("\($0)=") }) {
        moved.append(first)
        rest = rest.dropFirst()
      } else if options.contains(first), rest.count > 1 {
        moved += rest.prefix(2)
        rest = rest.dropFirst(2)
      } else {
        kept.append(first)
        rest = rest.dropFirst()
      }
    }
    return kept + moved + rest
  }
}
