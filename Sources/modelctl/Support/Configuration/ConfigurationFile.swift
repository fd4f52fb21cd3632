import Foundation
import ModelRegistry
import RegistryModel
import RegistryService

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
/// remote: {robot: robot-7, adapters: [robot_001], allow: ["gs://shared/models"], headers: {X-Team: arm},
///          limit_rate: 2MiB, interval: 60s}
/// training: {recordings: /srv/episodes, adapter: robot_001, worker: {command: [...]}}  # tools/examples/cloud_training.yaml
/// serve: {listen: 127.0.0.1:8470, hosts: [robot-7.local], schedule: {sync: 60s, scrub: 7d}}
/// wait: 10s
/// ```
///
/// `schemas/config.v1.json` has every key; a test holds it against this reader.
struct ConfigurationFile {
  var root: String?
  var configuration = Configuration()
  var service = ServicePolicy()

  init() {}

  init(path: String) throws(RegistryError) {
    try self.init(text: Self.text(at: path), name: path)
  }

  /// - Parameter name: the file's, for messages.
  init(text: String, name: String) throws(RegistryError) {
    do throws(RegistryError) {
      // What a power cut left of a file is no decision against a gate.
      guard text.contains(where: { !$0.isWhitespace }) else {
        throw RegistryError(.usage, "the configuration is empty", hint: "write it, or remove the file")
      }
      guard let document = try JSONValue(yaml: text, verbatim: Self.verbatim) else { return }
      try read(document)
    } catch {
      let hint = error.hint == JSONReader.standardHint ? "correct the file" : error.hint
      throw RegistryError(.usage, "\(name): \(error.message)", hint: hint)
    }
  }

  /// Where texts stand that may look like numbers.
  private static let verbatim = [
    ["facts"], ["remote", "headers"], ["training", "worker", "environment"],
    ["training", "vertex", "environment"],
  ]

  /// Its commands are run: root takes none that another uid could have written, whatever the path led to.
  private static func text(at path: String) throws(RegistryError) -> String {
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

  private mutating func read(_ document: JSONValue) throws(RegistryError) {
    var reader = try JSONReader(document, context: "config")
    root = try reader.optional("root", .string)
    if let gate = try reader.optional("gate", .any) {
      configuration.gate = try Self.command(gate, "config.gate")
    }
    if let probe = try reader.optional("probe", .any) {
      configuration.probe = try Self.command(probe, "config.probe")
    }
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
    configuration.facts = try reader.texts("facts", name: { _ in true }, hint: "")
    if let cache = try reader.optional("cache", .any) { configuration.cache = try Self.cache(cache) }
    if let remote = try reader.optional("remote", .any) { configuration.remote = try Self.remote(remote) }
    if let training = try reader.optional("training", .any) {
      configuration.training = try TrainingPolicy(section: training, context: "config.training")
    }
    if let serve = try reader.optional("serve", .any) {
      service = try ServicePolicy(section: serve, context: "config.serve")
    }
    if let wait = try reader.optional("wait", .duration) {
      configuration.waitMilliseconds = wait.milliseconds
    }
    try reader.finish()
  }

  private static func command(_ value: JSONValue, _ context: String) throws(RegistryError) -> HookCommand {
    var reader = try JSONReader(value, context: context)
    let command = try command(&reader)
    try reader.finish()
    return command
  }

  /// The fields `command` and `timeout` of a section.
  private static func command(_ reader: inout JSONReader) throws(RegistryError) -> HookCommand {
    let arguments = try reader.required("command", elements: .string)
    let timeout = try reader.optional("timeout", .duration)
    guard !arguments.isEmpty else { throw reader.problem(with: "command", "is empty") }
    return HookCommand(arguments: arguments, timeoutMilliseconds: timeout?.milliseconds ?? 10_000)
  }

  private static func notification(_ value: JSONValue) throws(RegistryError) -> SwitchNotification {
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

  private static func cache(_ value: JSONValue) throws(RegistryError) -> CachePolicy {
    var reader = try JSONReader(value, context: "config.cache")
    var policy = CachePolicy.standard
    if let limit = try reader.bytes("limit") { policy.limitBytes = limit }
    let percent = try reader.optional("clean_at_percent", .integer)
    if let age = try reader.optional("older_than", .duration) {
      policy.olderThanMilliseconds = age.milliseconds
    }
    try reader.finish()
    if let percent {
      guard 1...100 ~= percent else {
        throw reader.problem(with: "clean_at_percent", "is \(percent)", hint: "1 to 100")
      }
      policy.cleanAtPercent = Int(percent)
    }
    return policy
  }

  private static func remote(_ value: JSONValue) throws(RegistryError) -> RemotePolicy {
    var reader = try JSONReader(value, context: "config.remote")
    var policy = RemotePolicy()
    policy.robot = try reader.optional("robot", .robot)
    policy.adapters = try reader.optional("adapters", elements: .adapter).map { Set($0) }
    policy.allowed = try reader.optional("allow", elements: .remote) ?? []
    let headers = try reader.texts("headers", name: isToken, hint: "write it like X-Team: arm")
    policy.headers = headers.sorted { $0.key < $1.key }.map { HTTPField(name: $0.key, value: $0.value) }
    policy.bytesPerSecond = try reader.bytes("limit_rate")
    if let interval = try reader.optional("interval", .duration) {
      policy.intervalMilliseconds = interval.milliseconds
    }
    try reader.finish()
    guard policy.intervalMilliseconds >= 1000 else { throw reader.problem(with: "interval", "is below 1s") }
    return policy
  }

  /// What a header's name may be (RFC 9110 §5.6.2).
  private static func isToken(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy {
        $0.isASCIIDigit || $0.isASCIILowercase || $0.isASCIIUppercase || "!#$%&'*+-.^_`|~".utf8.contains($0)
      }
  }

  private static func trial(_ value: JSONValue) throws(RegistryError) -> TrialPolicy {
    var reader = try JSONReader(value, context: "config.trial")
    let attempts = try reader.optional("attempts", .integer) ?? Int64(TrialPolicy.standard.attempts)
    let deadline = try reader.optional("deadline", .duration)
    try reader.finish()
    guard 1...1000 ~= attempts else {
      throw reader.problem(with: "attempts", "is \(attempts)", hint: "1 to 1000")
    }
    return TrialPolicy(attempts: Int(attempts), deadlineMilliseconds: deadline?.milliseconds)
  }
}
