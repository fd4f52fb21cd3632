import Foundation
import ModelRegistry
import RegistryModel
import Yams

/// `config.yaml`, read strictly: an unknown key is an error with a suggestion.
///
/// ```yaml
/// root: /var/lib/modelctl
/// gate:   {command: [/usr/bin/robot-idle], timeout: 10s}
/// probe:  {command: [/usr/bin/probe-model], timeout: 30s}
/// notify: {rewrite: /run/runtime/manifest.json, pid_file: /run/runtime.pid, signal: USR1, command: [...], timeout: 5s}
/// trial:  {attempts: 3, deadline: 10m}
/// health: {tick_limit_ms: 100}
/// facts:  {gripper: parallel, firmware: 1.4.2}
/// cache: {limit: 1024MB, clean_at_percent: 80, older_than: 168h}
/// wait: 10s
/// ```
struct ConfigurationFile {
  var root: String?
  var configuration = Configuration()

  init() {}

  init(path: String) throws {
    let text = try Self.text(at: path)
    do {
      // What a power cut left of a file is no decision against a gate.
      guard text.contains(where: { !$0.isWhitespace }) else {
        throw RegistryError(.usage, "the configuration is empty", hint: "write it, or remove the file")
      }
      guard let node = try Yams.compose(yaml: text) else { return }
      try read(try JSONValue(yaml: node, isFacts: false))
    } catch let error as RegistryError {
      throw RegistryError(.usage, "\(path): \(error.message)", hint: error.hint)
    } catch {
      let lines = "\(error)".split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      throw RegistryError(
        .usage, "\(path) is no YAML: \(lines.joined(separator: " "))", hint: "correct the file")
    }
  }

  /// Its commands are run: root takes none that another uid could have written, whatever the path led to.
  private static func text(at path: String) throws -> String {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw RegistryError(
        .usage, "the configuration \(path) can't be read: \(String(cString: strerror(errno)))",
        hint: "check the path")
    }
    defer { try? file.close() }
    var status = stat()
    guard fstat(file.fileDescriptor, &status) == 0, geteuid() != 0 || status.st_uid == 0 else {
      throw RegistryError(
        .permission, "the configuration \(path) doesn't belong to root, who would run its commands",
        hint: "run as its owner, or `chown root` it")
    }
    guard let data = try? file.readToEnd() ?? Data(), let text = String(bytes: data, encoding: .utf8) else {
      throw RegistryError(
        .usage, "the configuration \(path) is no text in UTF-8", hint: "correct the file")
    }
    return text
  }

  private mutating func read(_ document: JSONValue) throws {
    var reader = try JSONReader(document, context: "config")
    root = try reader.optional("root", .string)
    configuration.gate = try reader.optional("gate", .any).map { try Self.command($0, "config.gate") }
    configuration.probe = try reader.optional("probe", .any).map { try Self.command($0, "config.probe") }
    if let notify = try reader.optional("notify", .any) {
      configuration.notify = try Self.notification(notify)
    }
    if let trial = try reader.optional("trial", .any) { configuration.trial = try Self.trial(trial) }
    if let health = try reader.optional("health", .any) {
      var section = try JSONReader(health, context: "config.health")
      let limit = try section.required("tick_limit_ms", .number)
      try section.finish()
      guard limit > 0 else { throw section.problem(with: "tick_limit_ms", "is not above 0") }
      configuration.tickLimitMilliseconds = limit
    }
    for (key, value) in try reader.optional("facts", .object) ?? [:] {
      configuration.facts[key] = try Self.fact(value, key)
    }
    if let cache = try reader.optional("cache", .any) { configuration.cache = try Self.cache(cache) }
    if let wait = try reader.optional("wait", .string) {
      configuration.waitMilliseconds = try DurationText(parsing: wait).milliseconds
    }
    try reader.finish()
  }

  private static func fact(_ value: JSONValue, _ key: String) throws -> String {
    switch value {
    case .string(let text): return text
    case .number, .bool: return value.canonicalText
    default:
      throw RegistryError(
        .usage, "config.facts.\(key) is no text", hint: "write the fact as one word or number")
    }
  }

  private static func command(_ value: JSONValue, _ context: String) throws -> HookCommand {
    var reader = try JSONReader(value, context: context)
    let command = try command(&reader)
    try reader.finish()
    return command
  }

  /// The fields `command` and `timeout` of a section.
  private static func command(_ reader: inout JSONReader) throws -> HookCommand {
    let arguments = try reader.required("command", elements: .string)
    let timeout = try reader.optional("timeout", .string) ?? "10s"
    guard !arguments.isEmpty else { throw reader.problem(with: "command", "is empty") }
    return HookCommand(
      arguments: arguments, timeoutMilliseconds: try DurationText(parsing: timeout).milliseconds)
  }

  private static func notification(_ value: JSONValue) throws -> SwitchNotification {
    var reader = try JSONReader(value, context: "config.notify")
    var notification = SwitchNotification()
    notification.rewrite = try reader.optional("rewrite", .string)
    notification.pidFile = try reader.optional("pid_file", .string)
    if let name = try reader.optional("signal", .string) {
      guard let signal = signals[name] else {
        throw reader.problem(with: "signal", "is \(name.quoted)", hint: "one of HUP, INT, USR1, USR2, TERM")
      }
      notification.signal = signal
    }
    let hasCommand = try reader.optional("command", .any) != nil
    let hasTimeout = try reader.optional("timeout", .any) != nil
    if hasCommand || hasTimeout { notification.command = try command(&reader) }
    try reader.finish()
    return notification
  }

  private static let signals: [String: Int32] = [
    "HUP": SIGHUP, "INT": SIGINT, "USR1": SIGUSR1, "USR2": SIGUSR2, "TERM": SIGTERM,
  ]

  private static func cache(_ value: JSONValue) throws -> CachePolicy {
    var reader = try JSONReader(value, context: "config.cache")
    let limit = try reader.optional("limit", .string)
    let percent = try reader.optional("clean_at_percent", .integer)
    let age = try reader.optional("older_than", .string)
    try reader.finish()
    var policy = CachePolicy.standard
    if let limit { policy.limitBytes = try ByteCount(parsing: limit).bytes }
    if let age { policy.olderThanMilliseconds = try DurationText(parsing: age).milliseconds }
    guard policy.limitBytes > 0 else { throw reader.problem(with: "limit", "is 0") }
    if let percent {
      guard 1...100 ~= percent else {
        throw reader.problem(with: "clean_at_percent", "is \(percent)", hint: "1 to 100")
      }
      policy.cleanAtPercent = Int(percent)
    }
    return policy
  }

  private static func trial(_ value: JSONValue) throws -> TrialPolicy {
    var reader = try JSONReader(value, context: "config.trial")
    let attempts = try reader.optional("attempts", .integer) ?? Int64(TrialPolicy.standard.attempts)
    let deadline = try reader.optional("deadline", .string)
    try reader.finish()
    guard 1...1000 ~= attempts else {
      throw reader.problem(with: "attempts", "is \(attempts)", hint: "1 to 1000")
    }
    return TrialPolicy(
      attempts: Int(attempts),
      deadlineMilliseconds: try deadline.map { try DurationText(parsing: $0).milliseconds })
  }
}

extension JSONValue {
  /// A YAML document's meaning as JSON. Scalars follow YAML's core schema; keys must be texts, and unique.
  ///
  /// Facts are texts as they stand: `1.10` is not 1.1.
  init(yaml node: Node, isFacts: Bool) throws {
    switch node {
    case .mapping(let mapping):
      var object: [String: JSONValue] = [:]
      for (key, value) in mapping {
        guard let name = key.string, object[name] == nil else {
          throw RegistryError(.usage, "a key stands twice or is no text", hint: "correct the file")
        }
        object[name] = try JSONValue(yaml: value, isFacts: isFacts || name == "facts")
      }
      self = .object(object)
    case .sequence(let sequence):
      self = .array(try sequence.map { try JSONValue(yaml: $0, isFacts: isFacts) })
    case .scalar(let scalar):
      let isPlain = !isFacts && (scalar.style == .plain || scalar.style == .any)
      if isPlain, node.null != nil {
        self = .null
      } else if isPlain, let bool = node.bool {
        self = .bool(bool)
      } else if isPlain, let number = node.float, number.isFinite {
        self = .number(number)
      } else {
        self = .string(scalar.string)
      }
    case .alias:
      throw RegistryError(.usage, "aliases are not used in a configuration", hint: "write the value out")
    }
  }
}
