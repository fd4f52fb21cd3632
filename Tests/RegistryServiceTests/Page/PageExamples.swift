import RegistryModel

/// Documents of a store in which much happened, as the service answers them.
enum PageExamples {
  static let now = Timestamp(milliseconds: 1_767_608_100_000)

  static func ago(_ seconds: Int64) -> JSONValue {
    .string(Timestamp(milliseconds: now.milliseconds - seconds * 1000).description)
  }

  static func digest(_ digit: Character) -> JSONValue {
    .string("sha256:" + String(repeating: digit, count: 64))
  }

  static let set: JSONValue = [
    "robot_001": [
      "version": "robot_001_v4", "digest": digest("4"), "path": "/var/lib/modelctl/generations/12/robot_001",
    ],
    "grasp_left": [
      "version": "grasp_left_v2", "digest": digest("a"),
      "path": "/var/lib/modelctl/generations/12/grasp_left",
    ],
  ]

  static func active(_ state: String) -> JSONValue {
    [
      "generation": 12, "state": .string(state), "since": ago(740),
      "path": "/var/lib/modelctl/generations/12",
      "set": set,
    ]
  }

  static func status(_ state: String = "trial", problems: [String] = []) -> JSONValue {
    [
      "root": "/var/lib/modelctl", "active": active(state), "attempts_left": state == "trial" ? 2 : nil,
      "fallback": 11,
      "versions": 38, "installed": 6, "blobs": 211, "blob_bytes": 8_412_332_032, "free_bytes": 21_474_836_480,
      "reserve": true, "pins": ["robot_001_v1"], "blocked_digests": 1,
      "remote": [
        "uri": "gs://continuon-models/models", "cursor": "journal/1", "synced_at": ago(42),
        "waiting": [
          ["version": "robot_001_v5", "since": ago(9000), "problem": "the number is taken by another digest"]
        ],
        "problems": [],
      ],
      "problems": .array(problems.map(JSONValue.string)),
    ]
  }

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

  static func version(_ number: Int64, adapter: String = "robot_001", changes: [String: JSONValue] = [:])
    -> JSONValue
  {
    let fields: [String: JSONValue] = [
      "version": .string("\(adapter)_v\(number)"), "adapter": .string(adapter), "number": .integer(number),
      "digest": digest("4"), "created_at": ago(90_000 * (6 - number)),
      "bytes": .integer(88_080_384 + number * 4_000_000),
      "installed": .bool(number > 1), "active": .bool(number == 4), "channels": number == 4 ? ["stable"] : [],
      "origin_version": nil, "pinned": .bool(number == 1), "blocked": .bool(number == 3), "damaged": false,
      "metrics": [
        "final_loss": .number(0.4 / Double(number)), "accuracy": .number(0.9 + 0.01 * Double(number)),
      ],
    ]
    return .object(fields.merging(changes) { $1 })
  }

  static let versions: JSONValue = [
    "versions": .array(
      [version(1, adapter: "grasp_left"), version(2, adapter: "grasp_left", changes: ["active": true])]
        + (1...5).map { version($0) }), "next": "robot_001_v5",
  ]

  static let shown: JSONValue = .object(
    (version(4).asObject ?? [:]).merging([
      "schema": "manifest.v1", "model_type": "wavecore", "framework": "jax",
      "files": [
        ["path": "lora_adapters.safetensors", "bytes": 88_080_384, "digest": digest("1")],
        ["path": "config/model_config.json", "bytes": 412, "digest": digest("2")],
        ["path": "optimizer_state.pkl", "bytes": 9_000_000, "digest": digest("3")],
      ],
      "formats": [
        ["path": "lora_adapters.safetensors", "format": "safetensors", "runs_code": false, "problem": nil],
        ["path": "config/model_config.json", "format": "other", "runs_code": false, "problem": nil],
        ["path": "optimizer_state.pkl", "format": "pickle", "runs_code": true, "problem": nil],
      ],
      "tensors": .array(
        (0..<24).map { layer in
          [
            "file": "lora_adapters.safetensors", "name": .string("layers.\(layer).attention.q_proj.lora_a"),
            "dtype": "F32", "shape": [8, 512], "bytes": 16384,
          ]
        }),
      "base": ["version": "robot_001_v3", "digest": digest("3")],
      "job": [
        "id": "job_9f2c44b1d0e7", "config_digest": nil, "image_digest": nil, "code_version": "a81c2f0",
        "seed": 17,
      ],
      "archives": [["digest": digest("e"), "manifest": digest("f")]],
      "requires": ["arch=arm64", "jetpack>=5.1"],
      "note": "Trained on the kitchen recordings.\nSlower approach, firmer grip.", "origin": nil,
    ]) { $1 })

  static let evaluations: [JSONValue] = [
    [
      "evaluation": digest("9"), "at": ago(4000), "by": "ci",
      "document": ["success_rate": 0.94, "episodes": 120, "seconds_per_task": 7.31],
    ]
  ]

  static let diff: JSONValue = [
    "from": "robot_001_v3", "to": "robot_001_v4",
    "files": [
      "added": [["path": "optimizer_state.pkl", "bytes": 9_000_000, "digest": digest("3")]], "removed": [],
      "changed": [
        [
          "path": "lora_adapters.safetensors", "from": ["bytes": 88_080_384, "digest": digest("1")],
          "to": ["bytes": 88_080_384, "digest": digest("2")], "problem": nil,
        ]
      ],
    ],
    "metadata": [
      "base": [
        "from": ["version": "robot_001_v2", "digest": digest("2")],
        "to": ["version": "robot_001_v3", "digest": digest("3")],
      ],
      "metrics": ["from": ["final_loss": 0.133], "to": ["final_loss": 0.1]],
      "note": ["from": nil, "to": "Trained on the kitchen recordings."],
    ],
    "tensors": [
      "added": [], "removed": [],
      "changed": [
        [
          "file": "lora_adapters.safetensors", "name": "layers.3.attention.q_proj.lora_a",
          "from": ["dtype": "F32", "shape": [8, 512], "bytes": 16384],
          "to": ["dtype": "F32", "shape": [8, 512], "bytes": 16384],
          "max_difference": 0.0123,
        ]
      ], "unchanged": 23,
    ],
  ]

  static func job(_ status: String, _ changes: [String: JSONValue] = [:]) -> JSONValue {
    let fields: [String: JSONValue] = [
      "job_id": "job_9f2c44b1d0e7", "robot_id": "robot_001", "status": .string(status), "seq": 7,
      "created_at": ago(900),
      "updated_at": ago(4), "config": ["model_type": "wavecore", "epochs": 100, "learning_rate": 0.0001],
      "adapter": "robot_001", "base": ["version": "robot_001_v4", "digest": digest("4")],
      "episodes_uri": "gs://continuon-data/episodes/robot_001_20260105T101500Z_1a2b3c4d.zip",
      "episodes_digest": digest("e"), "backend": "local", "backend_id": nil,
      "worker": ["id": "robot_001-4711-a", "attempt": 1, "heartbeat_at": ago(4)], "reserved": "robot_001_v5",
      "progress": ["step": 412, "total_steps": 1000, "loss": 0.0412], "result": nil, "error": nil,
    ]
    return .object(fields.merging(changes) { $1 })
  }

  static let jobs: JSONValue = [
    "jobs": [
      job("running"),
      job(
        "completed",
        [
          "job_id": "job_1122334455aa", "created_at": ago(90_000),
          "progress": ["step": 1000, "total_steps": 1000, "loss": 0.1],
          "result": [
            "model_uri": nil, "version": "robot_001_v4", "digest": digest("4"), "final_loss": 0.1,
            "training_time_s": 3600,
          ],
        ]),
      job(
        "failed",
        [
          "job_id": "job_00000000000f", "created_at": ago(200_000), "progress": nil,
          "error": "the trainer failed with 1\nTraceback (most recent call last):\nValueError: no episodes",
        ]),
    ], "next": nil, "problems": [],
  ]

  static let curve: [TrainerProgress] = (1...200).map { step in
    let x = Double(step)
    let noise = 0.02 * Double(step % 7) / (1 + x / 40)
    return TrainerProgress(step: Int64(step) * 2, totalSteps: 1000, loss: 1.4 / (1 + x / 9) + noise)
  }

  static let decision: JSONValue = [
    "decision": "wait",
    "reasons": [
      [
        "rule": "cool_down", "scope": "all", "holds": true,
        "text": "the last job began 900s ago, and 10m must lie between two",
      ],
      [
        "rule": "unfinished_jobs", "scope": "all", "holds": false,
        "text": "1 jobs are not finished, and none may be",
      ],
    ],
  ]

  static let settings: JSONValue = [
    "adapter": "robot_001", "backend": "local", "auto": true, "auto_install": true, "auto_activate": false,
  ]

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

  /// Six versions, each made from the one before it by a job from an archive; the fourth was evaluated.
  static let lineage: LineageGraph = {
    typealias Key = LineageGraph.Key
    var graph = LineageGraph(subject: Key(.version, "robot_001_v4"))
    graph.add(LineageGraph.Node(Key(.version, "robot_001_v4"), facts: ["installed": true, "active": true]))
    for number in 1...6 {
      let version = Key(.version, "robot_001_v\(number)")
      graph.add(
        LineageGraph.Node(version, facts: ["installed": .bool(number > 2), "active": .bool(number == 4)]))
      guard number > 1 else { continue }
      let base = Key(.version, "robot_001_v\(number - 1)")
      let job = Key(.job, "job_9f2c44b1d0e\(number)")
      let archive = Key(.archive, "sha256:" + String(repeating: "\(number / 2)", count: 64))
      graph.add(LineageGraph.Node(job))
      graph.add(LineageGraph.Node(archive, facts: ["episodes": .integer(number * 40)]))
      graph.add(LineageGraph.Edge(from: base, to: version, .base))
      graph.add(LineageGraph.Edge(from: job, to: version, .job))
      graph.add(LineageGraph.Edge(from: archive, to: version, .archive))
    }
    let evaluation = Key(.evaluation, "sha256:" + String(repeating: "9", count: 64))
    graph.add(LineageGraph.Node(evaluation, facts: ["by": "ci"]))
    graph.add(LineageGraph.Edge(from: Key(.version, "robot_001_v4"), to: evaluation, .evaluation))
    return graph
  }()

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
}
