import CloudTraining
import Foundation
import RegistryModel

/// What a service says while it serves: lines on stderr, or one document a line on stdout.
struct ServeJournal: Sendable {
  private let asJSON: Bool
  private let isQuiet: Bool

  init(_ options: GlobalOptions) {
    asJSON = options.json
    isQuiet = options.quiet
  }

  func listening(_ address: ListenAddress, _ scope: String) {
    write(
      ["listening": .string("\(address)"), "scope": .string(scope)], "listens at \(address) for \(scope)")
  }

  func answered(_ answer: EventAnswer) {
    write(
      [
        "status": .integer(answer.status), "job_id": answer.job.map { .string($0.text) } ?? .null,
        "message": .string(answer.text.printable),
      ], "\(answer.status) \(answer.text)")
  }

  @Sendable func say(_ text: String) { write(["message": .string(text)], text) }

  private func write(_ document: JSONValue, _ text: String) {
    if asJSON {
      FileHandle.standardOutput.write(Data((document.canonicalText + "\n").utf8))
    } else if !isQuiet {
      Terminal.printError(text.printable)
    }
  }
}
