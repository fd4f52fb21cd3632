import ArgumentParser
import ModelRegistry
import RegistryModel

struct Lineage: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage",
    abstract: "Where a version comes from, and what came of it.",
    discussion: """
      The subject is a version, a job's id, an archive's digest, or an episode's name or digest; job:, archive: and \
      episode: in front of it say which is meant.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case tree, json, dot }

  @OptionGroup var options: GlobalOptions
  @Argument(help: "A version, job, archive or episode.") var subject: String
  @Flag(help: "Only what it was made from.") var up = false
  @Flag(help: "Only what came of it.") var down = false
  @Option(help: "How many steps to go; all if left out.") var depth: Int?
  @Flag(help: "Show each episode of an archive.") var episodes = false
  @Option(help: "tree, json or dot (for Graphviz).") var format: Format = .tree

  func run() throws {
    if let depth, depth < 0 {
      throw RegistryError(.usage, "--depth takes a number from 0 on", hint: "for example --depth 2")
    }
    let session = try Session(options)
    let graph = try session.openForReading().lineage(
      of: subject,
      LineageScope(up: up || !down, down: down || !up, depth: depth, showsEpisodes: episodes))
    let isJSON = options.json || format == .json
    if isJSON { return print(graph.json.canonicalText) }
    session.answer(graph.json, warnings: graph.warnings) {
      if options.quiet { return graph.nodes.map(\.key.id).joined(separator: "\n") }
      return format == .dot ? graph.dot : graph.text
    }
  }
}
