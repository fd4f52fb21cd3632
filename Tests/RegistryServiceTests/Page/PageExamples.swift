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
}
