import Foundation
import ModelRegistry
import RegistryModel

/// An error on its way out: `error: what happened; what is unchanged; what to do`, and the exit code.
struct Failure {
  let error: RegistryError

  init(_ error: RegistryError) { self.error = error }

  /// The exit code (docs/cli.md); every kind of error has one.
  var exitCode: Int32 {
    switch error.code {
    case .failed: 1
    case .notFound: 3
    case .refused: 4
    case .integrity: 5
    case .noSpace: 6
    case .remote: 7
    case .permission: 8
    case .usage: 64
    case .busy: 75
    case .cancelled: 130
    }
  }

  var json: JSONValue {
    [
      "error": [
        "code": .string(error.code.rawValue), "message": .string("\(error.message); \(error.unchanged)"),
        "hint": .string(error.hint),
      ]
    ]
  }

  func exit(asJSON: Bool) -> Never {
    Terminal.printError(asJSON ? json.canonicalText : "error: \(error.description.printable)")
    Foundation.exit(exitCode)
  }
}
