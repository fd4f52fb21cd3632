import ArgumentParser
import ModelRegistry
import RegistryDocuments
import RegistryModel

struct Activate: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "activate",
    abstract: "Run these versions: a new generation, on trial unless it needs none.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var activation: ActivationFlags
  @Argument(help: "Versions of different adapters; they switch together.") var references: [String]
  @Flag(help: "Accept a blocked version, or one that lacks a path of the active one.") var force = false

  func run() throws {
    let session = try Session(options)
    let references = try references.map { try Reference(parsing: $0) }
    let registry = try session.open()
    let result = try registry.activate(references, try activation.options(force: force))
    session.answer(Document.switchResult(result, root: session.root), warnings: result.warnings) {
      options.quiet ? "\(result.generation)" : Sentence.state(result)
    }
    registry.tidy()
  }
}

struct Deactivate: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "deactivate",
    abstract: "Take an adapter out of what runs: a new generation without it.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var activation: ActivationFlags
  @Argument(help: "The adapter.") var adapter: String

  func run() throws {
    let session = try Session(options)
    let registry = try session.open()
    let result = try registry.deactivate(
      try AdapterName(parsing: adapter), try activation.options(force: false))
    session.answer(Document.switchResult(result, root: session.root), warnings: result.warnings) {
      options.quiet ? "\(result.generation)" : Sentence.state(result)
    }
    registry.tidy()
  }
}

/// How a new generation is tried.
struct ActivationFlags: ParsableArguments {
  @Option(help: "Why; kept in history and audit.") var reason: String?
  @Option(help: "Boots that may load it on trial.") var attempts: Int?
  @Option(help: "Time until it must be confirmed, within one boot (10m).") var deadline: String?
  @Flag(help: "Confirm at once, without a trial.") var confirmed = false
  @OptionGroup var expectation: ExpectedGeneration

  func options(force: Bool) throws -> ActivationOptions {
    if let attempts, !(1...1000 ~= attempts) {
      throw RegistryError(.usage, "--attempts takes 1 to 1000", hint: "3 is the default")
    }
    return ActivationOptions(
      reason: reason, attempts: attempts,
      deadlineMilliseconds: try deadline.map { try DurationText(parsing: $0).milliseconds },
      confirmed: confirmed, force: force, expecting: try expectation.number)
  }
}

/// What the caller saw, so that two who decide at once don't undo each other's work.
struct ExpectedGeneration: ParsableArguments {
  @Option(help: "Refuse unless this generation is active (0: nothing is).") var ifGeneration: Int?

  var number: Int? {
    get throws {
      guard let ifGeneration, ifGeneration < 0 else { return ifGeneration }
      throw RegistryError(
        .usage, "--if-generation takes a generation's number",
        hint: "see `modelctl active`; 0 stands for none")
    }
  }
}
