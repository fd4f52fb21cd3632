import RegistryModel

/// Long work, and what is done by itself.
extension PageExamples {
  static let operations: [JSONValue] = [
    operation("op_1", "install", ["robot_001_v5"], "running", done: 41_943_040, total: 88_080_384),
    operation("op_2", "sync", [], "waiting", done: 0, total: 0),
    .object(
      (operation("op_3", "push", ["robot_001_v4"], "failed", done: 0, total: 0).asObject ?? [:]).merging([
        "error": [
          "code": "remote", "message": "the remote can't be reached; nothing was changed",
          "hint": "try again",
        ]
      ]) { $1 }),
  ]

  static func operation(
    _ id: String, _ kind: String, _ subject: [String], _ state: String, done: Int64, total: Int64
  ) -> JSONValue {
    [
      "id": .string(id), "kind": .string(kind), "subject": .array(subject.map(JSONValue.string)),
      "by": "token:anna",
      "state": .string(state), "progress": ["done_bytes": .integer(done), "total_bytes": .integer(total)],
      "created_at": ago(30), "started_at": ago(28), "ended_at": state == "done" ? ago(2) : nil,
      "result": state == "done"
        ? ["fetched_versions": 2, "bytes_in": 88_080_384, "fetched": ["robot_001_v5"]] : nil,
      "error": nil,
    ]
  }

  static let schedule: [JSONValue] = [
    [
      "name": "gc", "interval": 86_400, "next_in": 51_000, "running": nil, "last_success": ago(35_000),
      "last": operation("op_9", "gc", [], "done", done: 0, total: 0),
    ],
    [
      "name": "scrub", "interval": 604_800, "next_in": 401_000, "running": nil, "last_success": nil,
      "last": nil,
    ],
    [
      "name": "sync", "interval": 60, "next_in": 18, "running": "op_2", "last_success": ago(42),
      "last": operations[2],
    ],
    ["name": "training", "interval": 600, "next_in": 0.4, "running": nil, "last_success": nil, "last": nil],
  ]
}
