import Foundation
import Logging
import RegistryModel

/// The service's log on stderr: a line for people, or a document for whoever collects logs.
struct ServiceLog: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  private let asJSON: Bool

  static func logger(asJSON: Bool, isVerbose: Bool) -> Logger {
    Logger(label: "modelctl") { _ in
      ServiceLog(logLevel: isVerbose ? .debug : .info, asJSON: asJSON)
    }
  }

  private init(logLevel: Logger.Level, asJSON: Bool) {
    self.logLevel = logLevel
    self.asJSON = asJSON
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }
    let time = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).description
    let line =
      asJSON
      ? document(time, event, fields).canonicalText
      : "\(time) \(event.level) \(event.message)\(text(fields))".printable
    // A log that can't be written ends no service.
    try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
  }

  private func document(
    _ time: String, _ event: LogEvent, _ fields: Logger.Metadata
  ) -> JSONValue {
    var document = fields.mapValues { JSONValue.string("\($0)") }
    document["time"] = .string(time)
    document["level"] = .string(event.level.rawValue)
    document["message"] = .string("\(event.message)")
    return .object(document)
  }

  private func text(_ fields: Logger.Metadata) -> String {
    fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
  }
}
