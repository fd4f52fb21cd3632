import ArgumentParser
import Foundation
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Sync: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Send what waits, and bring what is new on the remote.",
    discussion: """
      Versions are verified and installed, never activated. A name that means another version here is reported as a \
      conflict and left to people. With --watch it goes on, round after round, and prints a line for each that did \
      something.
      """)

  @OptionGroup var options: GlobalOptions
  @Flag(help: "Go on, round after round, until it is stopped.") var watch = false
  @Flag(help: "Compare the names of all versions, too, which once a day happens by itself.") var full = false

  func run() throws {
    let session = try Session(options)
    let registry = try session.openOrCreate()
    if watch { return try follow(session, registry) }
    let result = try round(registry)
    session.answer(Document.synced(result)) { text(result) }
    registry.tidy()
    // Identifiers alone would leave the exit code unexplained.
    if options.quiet, !options.json {
      for problem in result.problems { Terminal.printError("error: \(problem.printable)") }
    }
    if result.isOutOfSpace { throw ExitStatus(code: 6) }
    // What is wrong on the remote won't mend itself.
    if !result.problems.isEmpty { throw ExitStatus(code: 5) }
  }

  private func round(_ registry: Registry) throws -> SyncResult {
    let bar = ProgressBar("sync", options)
    defer { bar?.finish() }
    return try registry.sync(full: full, progress: bar?.show)
  }

  /// A remote that can't be reached is what a robot meets every day: it is said once, and tried again, and so is whatever
  /// else stops a round. Only what the caller must change ends it.
  private func follow(_ session: Session, _ registry: Registry) throws {
    var problem: String?
    while true {
      do {
        let result = try round(registry)
        if problem != nil { Terminal.printError("the remote is back") }
        problem = nil
        if options.json || !result.isQuiet {
          session.answer(Document.synced(result)) { text(result) }
        }
        registry.tidy()
      } catch let error as RegistryError where ![.usage, .notFound].contains(error.code) {
        if problem != error.message { Terminal.printError("warning: \(error.description.printable)") }
        problem = error.message
      }
      let interval = Double(session.settings.configuration.remote.intervalMilliseconds) / 1000
      // Not all robots of a hall at once.
      Thread.sleep(forTimeInterval: interval * Double.random(in: 0.75...1.25))
    }
  }

  private func text(_ result: SyncResult) -> String {
    if options.quiet { return (result.fetched + result.pushed).map(\.description).joined(separator: "\n") }
    var lines = result.pushed.map { "pushed \($0)" } + result.fetched.map { "fetched \($0)" }
    lines += result.channels.map { "\($0.channel) names \($0.version)" }
    lines += result.conflicts.map { "conflict: \($0.problem)" }
    lines += result.problems.map { "problem: \($0)" }
    let traffic =
      "\(Sentence.count(result.traffic.requests, "request")), \(ByteCount(bytes: result.traffic.bytesIn)) in, "
      + "\(ByteCount(bytes: result.traffic.bytesOut)) out"
    return (lines + [(lines.isEmpty ? "nothing new; " : "") + traffic]).joined(separator: "\n")
  }
}
