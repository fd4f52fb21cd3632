import Foundation
import RegistryModel
import Testing

/// A request as Eventarc and Pub/Sub document it: headers, an empty line, and a body; all of them tell of one object.
struct RecordedEvent {
  static let names = [
    "binary", "structured", "structured-base64", "push", "push-without-payload", "push-by-eventarc",
  ]
  static let job = "job_9f2c51d07ab3"
  static let generation = "1767608100123456"

  var headers: [(name: String, value: String)]
  var text: String
  var body: [UInt8] { Array(text.utf8) }

  init(_ name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Events/Recorded/\(name).http").standardized
    let halves = try String(contentsOf: file, encoding: .utf8).split(
      separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
    headers = halves[0].split(separator: "\n").map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
    }
    text = String(halves[1])
  }

  /// The same of another job, bucket or generation: replaced in headers, body, and what is in base64 within.
  func replacing(_ old: String, with new: String) throws -> RecordedEvent {
    var copy = self
    copy.headers = headers.map { ($0.name, $0.value.replacingOccurrences(of: old, with: new)) }
    copy.text = text.replacingOccurrences(of: old, with: new)
    for match in copy.text.matches(of: /"(data|data_base64)": ?"([A-Za-z0-9+\/=]+)"/) {
      let inner = String(decoding: try #require(Data(base64Encoded: String(match.2))), as: UTF8.self)
        .replacingOccurrences(of: old, with: new)
      copy.text = copy.text.replacingOccurrences(
        of: String(match.2), with: Data(inner.utf8).base64EncodedString())
    }
    return copy
  }
}
