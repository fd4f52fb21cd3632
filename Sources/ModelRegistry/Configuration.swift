public import RegistryModel

/// What an operator may set for a store; the program reads it from `config.yaml`.
public struct Configuration: Hashable, Sendable {
  /// Must pass before an activation: the robot is idle, motion is not allowed.
  public var gate: HookCommand?
  /// Must pass after an activation, or it is reverted.
  public var probe: HookCommand?
  public var notify: SwitchNotification
  /// Boots and time that a trial gets where the activation doesn't say.
  public var trial: TrialPolicy
  /// A control-loop tick above this is late, in milliseconds.
  public var tickLimitMilliseconds: Double
  /// Facts for `requires`, beside `arch`, `os` and `base`.
  public var facts: [String: String]
  /// How long a lock is waited for.
  public var waitMilliseconds: Int64
  /// How many bytes gc leaves; nil: it never uninstalls by itself.
  public var cache: CachePolicy?
  public var remote: RemotePolicy
  public var training: TrainingPolicy

  public init(
    gate: HookCommand? = nil, probe: HookCommand? = nil, notify: SwitchNotification = SwitchNotification(),
    trial: TrialPolicy = .standard, tickLimitMilliseconds: Double = TickJudge.standardLimitMilliseconds,
    facts: [String: String] = [:], waitMilliseconds: Int64 = 10_000, cache: CachePolicy? = nil,
    remote: RemotePolicy = RemotePolicy(), training: TrainingPolicy = TrainingPolicy()
  ) {
    self.gate = gate
    self.probe = probe
    self.notify = notify
    self.trial = trial
    self.tickLimitMilliseconds = tickLimitMilliseconds
    self.facts = facts
    self.waitMilliseconds = waitMilliseconds
    self.cache = cache
    self.remote = remote
    self.training = training
  }
}

/// How a remote is used.
public struct RemotePolicy: Hashable, Sendable {
  /// What this machine is called there; nil: its host name.
  public var robot: RobotName?
  /// Whose versions `sync` brings; nil: everybody's.
  public var adapters: Set<AdapterName>?
  /// What else may be imported from, beside the remote that is set.
  public var allowed: [RemoteURI]
  /// Sent with every request to a bucket. They may be secrets.
  public var headers: [HTTPField]
  /// In bytes per second, each way; nil: as fast as it goes.
  public var bytesPerSecond: Int64?
  /// Between two rounds of `sync --watch`, in milliseconds.
  public var intervalMilliseconds: Int64

  public init(
    robot: RobotName? = nil, adapters: Set<AdapterName>? = nil, allowed: [RemoteURI] = [],
    headers: [HTTPField] = [],
    bytesPerSecond: Int64? = nil, intervalMilliseconds: Int64 = 60_000
  ) {
    self.robot = robot
    self.adapters = adapters
    self.allowed = allowed
    self.headers = headers
    self.bytesPerSecond = bytesPerSecond
    self.intervalMilliseconds = intervalMilliseconds
  }
}

/// A request header that an operator adds.
public struct HTTPField: Hashable, Sendable {
  public let name: String
  public let value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// A command that is run as a child process, with a time limit.
public struct HookCommand: Hashable, Sendable {
  /// The program's path and its arguments; no shell is involved.
  public let arguments: [String]
  public let timeoutMilliseconds: Int64

  public init(arguments: [String], timeoutMilliseconds: Int64) {
    self.arguments = arguments
    self.timeoutMilliseconds = timeoutMilliseconds
  }
}

/// How a runtime learns of a switch. Each part is optional; a failure is reported and undoes nothing.
public struct SwitchNotification: Hashable, Sendable {
  /// A file that is rewritten in place with its own bytes, for runtimes that watch for modification.
  public var rewrite: String?
  /// A file with a process id, and the signal to send to that process.
  public var pidFile: String?
  public var signal: Int32
  public var command: HookCommand?

  public init(rewrite: String? = nil, pidFile: String? = nil, signal: Int32 = 10, command: HookCommand? = nil)
  {
    self.rewrite = rewrite
    self.pidFile = pidFile
    self.signal = signal
    self.command = command
  }

  public var isEmpty: Bool { rewrite == nil && pidFile == nil && command == nil }
}
