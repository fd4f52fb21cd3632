import ModelRegistry
import RegistryModel

extension WorkerPolicy {
  /// What the worker tells a trainer: where things are, and whose job it is.
  private static let ownVariables: Set = [
    "EPISODES_DIR", "BASE_DIR", "OUTPUT_DIR", "CHECKPOINT_DIR", "CONFIG", "JOB_ID",
  ]

  /// Reads `training.worker` of `config.yaml`.
  init(section: JSONValue, context: String) throws(RegistryError) {
    self.init()
    var reader = try JSONReader(section, context: context)
    if let command = try reader.optional("command", elements: .string) {
      guard command.first?.isEmpty == false else {
        throw reader.problem(
          with: "command", "names no program", hint: "write it as a list: [python3, -m, trainer]")
      }
      self.command = command
    }
    environment = try reader.variables("environment", reserved: Self.ownVariables)
    if let name = try reader.text("framework") { framework = name }
    timeLimitMilliseconds = try reader.limit("time_limit", standard: timeLimitMilliseconds)
    silenceLimitMilliseconds = try reader.limit("silence_limit", standard: silenceLimitMilliseconds)
    if let grace = try reader.milliseconds("grace") { graceMilliseconds = grace }
    if let heartbeat = try reader.milliseconds("heartbeat") { heartbeatMilliseconds = heartbeat }
    if let takeover = try reader.milliseconds("takeover") { takeoverMilliseconds = takeover }
    codeVersion = try reader.text("code_version")
    imageDigest = try reader.optional("image_digest", .digest)
    try reader.finish()
    guard heartbeatMilliseconds >= 1000 else {
      throw reader.problem(with: "heartbeat", "is below 1s", hint: "each one is a write; 15s is usual")
    }
    guard takeoverMilliseconds > 2 * heartbeatMilliseconds else {
      func text(_ milliseconds: Int64) -> String { DurationText(milliseconds: milliseconds).description }
      throw reader.problem(
        with: "takeover",
        "is \(text(takeoverMilliseconds)), and a heartbeat comes every \(text(heartbeatMilliseconds))",
        hint:
          "make it longer than \(text(2 * heartbeatMilliseconds)), or a late heartbeat costs a living worker its job"
      )
    }
  }
}
