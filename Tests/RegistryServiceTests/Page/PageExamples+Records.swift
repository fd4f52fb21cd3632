import RegistryModel

/// What happened, and who may make it happen.
extension PageExamples {
  static let switches: [JSONValue] = [
    entry(9, 12, 11, 740, "token:anna", "activate", "night run, better grasp on cups", "robot_001_v4"),
    entry(
      8, 11, 10, 7_300, "schedule", "revert",
      "fault: three ticks in a row over 100.0 ms: 130.0, 120.0, 110.0", "robot_001_v2"),
    entry(
      nil, nil, 10, 7_900, "token:ben", "refused", "robot_001_v3 is blocked: fault: three ticks in a row", nil
    ),
    entry(7, 10, 9, 8_000, "token:anna", "activate", nil, "robot_001_v3"),
    entry(6, 9, 8, 93_000, "root", "rollback", "gripper slips", "robot_001_v2"),
  ]

  static func entry(
    _ number: Int64?, _ generation: Int64?, _ from: Int64, _ ago: Int64, _ by: String, _ kind: String,
    _ reason: String?,
    _ version: String?
  ) -> JSONValue {
    [
      "switch": number.map { .integer($0) } ?? .null, "generation": generation.map { .integer($0) } ?? .null,
      "from": .integer(from), "at": self.ago(ago), "by": .string(by), "kind": .string(kind),
      "reason": .orNull(reason),
      "state": kind == "refused" ? "refused" : "done",
      "set": version.map {
        [
          "robot_001": ["version": .string($0), "digest": digest("4")],
          "grasp_left": ["version": "grasp_left_v2", "digest": digest("a")],
        ]
      } ?? [:],
    ]
  }

  static let audit: [JSONValue] = (1...12).reversed().map { record($0) }

  private static func record(_ number: Int64) -> JSONValue {
    let isSwitch = number % 2 == 0
    let by: JSONValue = number % 3 == 0 ? "schedule" : "token:anna"
    let to: JSONValue = isSwitch ? "generation 7" : nil
    return [
      "seq": .integer(number), "at": ago((13 - number) * 700), "by": by,
      "kind": isSwitch ? "activate" : "publish", "subject": .string("robot_001_v\(number)"), "from": nil,
      "to": to, "reason": number % 4 == 0 ? "night run" : nil, "prev": digest("0"), "digest": digest("b"),
    ]
  }

  static let tokens: JSONValue = [
    "tokens": [
      token("anna", ["admin"], "usable"), token("ben", ["operate", "train"], "usable"),
      token("dashboard", ["read"], "expired"),
      token("old-laptop", ["operate"], "revoked"),
    ]
  ]

  private static func token(_ name: String, _ scopes: [String], _ state: String) -> JSONValue {
    [
      "name": .string(name), "scopes": .array(scopes.map(JSONValue.string)), "state": .string(state),
      "created_at": ago(500_000),
      "created_by": "root", "expires_at": state == "expired" ? ago(1000) : nil,
      "revoked_at": state == "revoked" ? ago(3000) : nil,
      "revoked_by": state == "revoked" ? "token:anna" : nil,
    ]
  }
}
