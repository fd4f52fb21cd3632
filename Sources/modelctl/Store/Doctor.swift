import ArgumentParser
import ModelRegistry
import RegistryModel

struct Doctor: StoreCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Examine what the store depends on; exits 1 on a problem.",
    discussion: "Sends the configured notification for real, as that is the only way to know that it arrives."
  )

  @OptionGroup var options: GlobalOptions

  func run() throws {
    let session = try Session(options)
    let registry =
      try (try? session.openWithoutIndex()) ?? session.openForReading(acceptsLostIndex: true)
    let findings = try registry.doctor()
    let problems = findings.filter(\.isProblem).count
    session.answer([
      "problems": .integer(problems),
      "findings": .array(
        findings.map {
          ["subject": .string($0.subject), "ok": .bool(!$0.isProblem), "text": .string($0.text)]
        }),
    ]) {
      findings.map { "\($0.isProblem ? "PROBLEM" : "ok     ")  \($0.subject.padding(to: 12))\($0.text)" }
        .joined(separator: "\n")
    }
    if problems > 0 { throw ExitStatus(code: 1) }
  }
}
