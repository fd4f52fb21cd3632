import RegistryModel

/// Training jobs, and what is configured of them.
extension PageExamples {
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
}
