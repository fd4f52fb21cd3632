/// What a robot says of itself on the remote: what it runs and has, so that an auditor elsewhere can ask.
public struct RobotReport: Hashable, Sendable {
  public struct Active: Hashable, Sendable {
    public let generation: Int
    public let set: GenerationSet

    public init(generation: Int, set: GenerationSet) {
      self.generation = generation
      self.set = set
    }
  }

  static let largestNumber: Int64 = 1 << 40

  public let robot: RobotName
  /// Counts the robot's reports from 1.
  public let seq: Int64
  public let active: Active?
  /// The manifests' digests of installed versions, sorted.
  public let installed: [Digest]
  /// The newest record of its audit.
  public let audit: AuditHead?
  /// By the robot's own clock.
  public let reportedAt: Timestamp

  public init(
    robot: RobotName, seq: Int64, active: Active?, installed: [Digest], audit: AuditHead?,
    reportedAt: Timestamp
  ) {
    self.robot = robot
    self.seq = seq
    self.active = active
    self.installed = Set(installed).sorted()
    self.audit = audit
    self.reportedAt = reportedAt
  }

  /// Whether it says what `other` says, whenever and in which report.
  public func saysTheSame(as other: RobotReport) -> Bool {
    robot == other.robot && active == other.active && installed == other.installed && audit == other.audit
  }

  public var bytes: [UInt8] {
    let members = active.map { active in
      JSONValue.object([
        "generation": .integer(active.generation),
        "set": .object(
          Dictionary(
            uniqueKeysWithValues: active.set.members.map { adapter, member in
              (
                adapter.text,
                [
                  "version": .string(member.version.description),
                  "digest": .string(member.digest.description),
                ]
              )
            })),
      ])
    }
    return JSONValue.object([
      "robot": .string(robot.text), "seq": .integer(seq), "active": members ?? .null,
      "installed": .array(installed.map { .string($0.description) }),
      "audit": audit.map { ["seq": .integer($0.seq), "digest": .string($0.digest.description)] } ?? .null,
      "reported_at": .string(reportedAt.description),
    ]).canonicalBytes
  }
}
