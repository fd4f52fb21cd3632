/// The documents of the contract, as docs/cli.md shows them.
extension Shape {
  static let member = Shape.object(["version": .text, "digest": .digest])
  static let memberWithPath = Shape.object(["version": .text, "digest": .digest, "path": .text])

  static let published = Shape.object([
    "version": .text, "number": .integer, "digest": .digest, "existing": .flag, "files": .integer,
    "bytes": .integer, "reused_bytes": .integer, "duration": .number,
  ])

  private static let summaryFields: [String: Shape] = [
    "version": .text, "adapter": .text, "number": .integer, "digest": .digest, "created_at": .time,
    "bytes": .integer, "installed": .flag, "active": .flag, "channels": .list(.text), "pinned": .flag,
    "origin_version": .optional(.text),
    "blocked": .flag, "damaged": .flag,
  ]

  static let list = Shape.object(["versions": .list(.object(summaryFields)), "next": .optional(.text)])

  private static let file = Shape.object(["path": .text, "bytes": .integer, "digest": .digest])

  static let shown = Shape.object(
    summaryFields.merging([
      "schema": .word("manifest.v1"), "model_type": .text, "framework": .text, "files": .list(file),
      "base": .optional(member),
      "job": .optional(
        .object([
          "id": .text, "config_digest": .optional(.digest), "image_digest": .optional(.digest),
          "code_version": .optional(.text), "seed": .optional(.integer),
        ])), "archives": .list(.object(["digest": .digest, "manifest": .optional(.digest)])),
      "metrics": .map(.number), "requires": .list(.text),
      "origin": .optional(.object(["layout": .text, "manifest": .digest, "version": .optional(.text)])),
      "note": .optional(.text),
      "tensors": .list(tensor),
      "formats": .list(
        .object([
          "path": .text,
          "format": .word(
            "safetensors", "npy", "npz", "pickle", "pytorch", "tflite", "hef", "onnx", "other"),
          "runs_code": .flag, "problem": .optional(.text),
        ])),
    ]) { $1 })

  private static let tensorKind: [String: Shape] = [
    "dtype": .text, "shape": .list(.integer), "bytes": .integer,
  ]
  private static let tensor = Shape.object(tensorKind.merging(["file": .text, "name": .text]) { $1 })

  static let diffed: Shape = {
    let side = Shape.object(["bytes": .integer, "digest": .digest])
    return .object([
      "from": .text, "to": .text,
      "files": .object([
        "added": .list(file), "removed": .list(file),
        "changed": .list(.object(["path": .text, "from": side, "to": side, "problem": .optional(.text)])),
      ]), "metadata": .map(.object(["from": .any, "to": .any])),
      "tensors": .object([
        "added": .list(tensor), "removed": .list(tensor),
        "changed": .list(
          .object([
            "file": .text, "name": .text, "from": .object(tensorKind), "to": .object(tensorKind),
            "max_difference": .optional(.number),
          ])), "unchanged": .integer,
      ]),
    ])
  }()

  static let files = Shape.object(["version": .text, "files": .list(file), "next": .optional(.text)])

  static let installed = Shape.object([
    "versions": .list(
      .object([
        "version": .text, "digest": .digest, "fetched_bytes": .integer, "reused_bytes": .integer,
        "already_installed": .flag,
      ]))
  ])

  static let uninstalled = Shape.object(["version": .text, "freeable_bytes": .integer, "dry_run": .flag])

  /// Nodes have facts by their kind, so only what every one has is looked at.
  static let lineage = Shape.object([
    "nodes": .list(.any), "edges": .list(.object(["from": .text, "to": .text, "kind": .text])),
  ])

  static let impact = Shape.object([
    "versions": .list(
      .object(summaryFields.merging(["via": .word("archive", "base"), "depth": .integer]) { $1 })),
    "robots": .list(
      .object([
        "robot": .text, "installed": .list(.text), "active": .list(.text), "reported_at": .time,
        "age": .number,
      ])), "next": .optional(.text),
  ])

  static let setting = Shape.object([
    "adapter": .text, "name": .text, "version": .text, "digest": .digest, "seq": .integer, "at": .time,
    "by": .text, "reason": .optional(.text),
  ])

  static let channels = Shape.object(["channels": .list(setting), "next": .optional(.text)])

  static let evaluated = Shape.object([
    "version": .text, "evaluation": .digest, "existing": .flag, "at": .time, "by": .text,
  ])

  private static let head = Shape.object(["seq": .integer, "digest": .digest])

  static let rebuilt = Shape.object([
    "base": .word("index", "backup", "nothing"), "versions": .integer, "installed": .integer,
    "added": .integer,
    "generations": .integer, "channels": .integer, "evaluations": .integer, "head": .optional(head),
    "lost": .list(.text), "problems": .list(.text),
  ])

  static let backedUp = Shape.object([
    "file": .text, "bytes": .integer, "versions": .integer, "head": .optional(head),
  ])

  static let pinned = Shape.object(["version": .text, "pinned": .flag])

  static let collected = Shape.object([
    "removed_versions": .integer, "removed_blobs": .integer, "removed_generations": .integer,
    "freed_bytes": .integer, "dry_run": .flag, "versions": .list(.text), "kept": .map(.text),
  ])

  static let switched = Shape.object([
    "generation": .integer, "switch": .optional(.integer), "previous": .optional(.integer),
    "fallback": .optional(.integer), "state": .word("confirmed", "trial"),
    "attempts_left": .optional(.integer), "set": .map(memberWithPath), "warnings": .list(.text),
  ])

  static let trial = Shape.object([
    "generation": .integer, "state": .word("confirmed", "trial"), "attempts_left": .optional(.integer),
    "reverted": .optional(
      .word("power", "crash", "fault", "probe", "deadline", "unknown", "unrecorded")), "path": .text,
    "warnings": .list(.text),
  ])

  static let active = Shape.object([
    "generation": .integer, "state": .word("confirmed", "trial"), "since": .time, "path": .text,
    "set": .map(memberWithPath),
  ])

  static let history = Shape.object([
    "switches": .list(
      .object([
        "switch": .optional(.integer), "generation": .optional(.integer), "from": .optional(.integer),
        "at": .time, "by": .text, "reason": .optional(.text),
        "kind": .word("activate", "deactivate", "rollback", "revert", "recovered", "refused"),
        "state": .word("pending", "done", "abandoned", "refused"), "set": .map(member),
      ])), "next": .optional(.text),
  ])

  static let auditRecord = Shape.object([
    "seq": .integer, "at": .time, "by": .text, "kind": .text, "subject": .text, "from": .optional(.text),
    "to": .optional(.text), "reason": .optional(.text), "prev": .optional(.digest), "digest": .digest,
  ])

  static let auditCheck = Shape.object([
    "records": .integer, "head": .optional(.object(["seq": .integer, "digest": .digest])),
    "problems": .list(.text),
  ])

  private static let tokenFields: [String: Shape] = [
    "name": .text, "scopes": .list(.word("admin", "operate", "read", "train")),
    "state": .word("usable", "expired", "revoked"), "created_at": .time, "created_by": .text,
    "expires_at": .optional(.time), "revoked_at": .optional(.time), "revoked_by": .optional(.text),
  ]
  static let token = Shape.object(tokenFields)
  static let newToken = Shape.object(tokenFields.merging(["token": .text]) { $1 })
  static let tokens = Shape.object(["tokens": .list(token), "next": .optional(.text)])

  static let verified = Shape.object([
    "checked_blobs": .integer, "checked_bytes": .integer, "bytes_from_cache": .integer,
    "damaged": .list(damage), "repaired": .list(.digest),
  ])

  static let damage = Shape.object([
    "kind": .word("blob", "file", "generation", "link"), "digest": .optional(.digest),
    "paths": .list(.text), "versions": .list(.text), "problem": .text,
  ])

  static let remote = Shape.object([
    "uri": .text, "cursor": .optional(.time), "synced_at": .optional(.time),
    "waiting": .list(.object(["version": .text, "since": .time, "problem": .optional(.text)])),
    "problems": .list(.text),
  ])

  static let archive = Shape.object([
    "digest": .digest, "uri": .text, "bytes": .integer, "episodes": .integer, "uploaded_at": .time,
  ])

  static let uploaded = Shape.object([
    "archives": .list(archive), "packed_episodes": .integer, "uploaded_episodes": .integer,
    "known_episodes": .integer,
    "valid_episodes": .integer, "rejected": .list(.object(["name": .text, "reason": .text])),
    "requests": .integer, "bytes_out": .integer,
  ])

  static let trainingResult = Shape.object([
    "model_uri": .optional(.text), "version": .optional(.text), "digest": .optional(.digest),
    "final_loss": .optional(.number), "training_time_s": .optional(.number),
  ])

  static let job = Shape.object([
    "job_id": .text, "robot_id": .text, "status": .text, "seq": .integer, "created_at": .time,
    "updated_at": .time,
    "config": .any, "adapter": .optional(.text),
    "base": .optional(.object(["version": .text, "digest": .digest])), "episodes_uri": .optional(.text),
    "episodes_digest": .optional(.digest), "backend": .optional(.text), "backend_id": .optional(.text),
    "worker": .optional(.object(["id": .text, "attempt": .integer, "heartbeat_at": .time])),
    "reserved": .optional(.text),
    "progress": .optional(
      .object(["step": .integer, "total_steps": .optional(.integer), "loss": .optional(.number)])),
    "result": .optional(trainingResult), "error": .optional(.text),
  ])

  static let worked = Shape.object(["job_id": .text, "outcome": .text, "result": trainingResult])

  static let synced = Shape.object([
    "fetched_versions": .integer, "pushed_versions": .integer, "requests": .integer, "bytes_in": .integer,
    "bytes_out": .integer, "conflicts": .integer, "fetched": .list(.text), "pushed": .list(.text),
    "channels": .list(setting), "conflicting": .list(.object(["version": .text, "problem": .text])),
    "problems": .list(.text),
  ])

  static let bundled = Shape.object([
    "path": .text, "bytes": .integer, "versions": .list(.text), "channels": .list(setting),
  ])

  static let status = Shape.object([
    "root": .text, "active": .optional(active), "attempts_left": .optional(.integer),
    "fallback": .optional(.integer), "versions": .optional(.integer), "installed": .optional(.integer),
    "blobs": .optional(.integer), "blob_bytes": .optional(.integer), "free_bytes": .integer, "reserve": .flag,
    "pins": .list(.text),
    "blocked_digests": .integer, "remote": .optional(remote), "scrub": .optional(scrub),
    "problems": .list(.text),
  ])

  static let scrub = Shape.object([
    "started_at": .optional(.time), "finished_at": .optional(.time), "done_bytes": .integer,
    "total_bytes": .integer, "share": .number, "damaged": .integer,
  ])

  static let scrubbed = Shape.object([
    "checked_blobs": .integer, "checked_bytes": .integer, "bytes_from_cache": .integer, "finished": .flag,
    "damaged": .list(damage), "scrub": scrub,
  ])

  static let doctor = Shape.object([
    "problems": .integer, "findings": .list(.object(["subject": .text, "ok": .flag, "text": .text])),
  ])

  static let version = Shape.object([
    "version": .text, "schema": .integer, "manifest": .text, "sqlite": .text, "libcrypto": .text,
  ])
}
