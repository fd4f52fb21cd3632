import RegistryModel

/// Versions, how they differ, and where they come from.
extension PageExamples {
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
}
