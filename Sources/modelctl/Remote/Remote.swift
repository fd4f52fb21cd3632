import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Remote: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remote",
    abstract: "Where versions are shared: a bucket and prefix, or a directory.",
    subcommands: [RemoteSet.self, RemoteShow.self])

  static func text(_ state: RemoteState?) -> String {
    guard let state else {
      return "no remote is set: `modelctl remote set gs://BUCKET/PREFIX`, or file:///DIRECTORY"
    }
    var lines = ["remote   \(state.uri)", "synced   \(state.syncedAt.map { "\($0)" } ?? "never")"]
    for version in state.waiting {
      lines.append(
        "waiting  \(version.version) since \(version.since)" + (version.problem.map { ": \($0)" } ?? ""))
    }
    lines += state.problems.map { "problem  \($0)" }
    return lines.joined(separator: "\n")
  }
}

struct RemoteSet: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Share with this remote from now on.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "gs://BUCKET/PREFIX, or file:///DIRECTORY.") var uri: String

  func run() throws {
    let session = try Session(options)
    let uri = try RemoteURI(parsing: uri)
    let state = try session.openOrCreate().setRemote(uri)
    session.answer(Document.remote(state)) { options.quiet ? state.uri.description : Remote.text(state) }
  }
}

struct RemoteShow: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Which remote it is, when it was synced, and what waits to be sent.")

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let session = try Session(options)
    let state = try session.openForReading().remote()
    session.answer(Document.remote(state)) {
      options.quiet ? state?.uri.description ?? "" : Remote.text(state)
    }
  }
}
