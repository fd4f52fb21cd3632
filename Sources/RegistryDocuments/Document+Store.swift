package import ModelRegistry
package import RegistryModel

/// The JSON of the store as a whole.
extension Document {
  package static func status(_ status: StoreStatus) -> JSONValue {
    [
      "root": .string(status.root), "active": status.active.map(active) ?? .null,
      "attempts_left": integer(status.attemptsLeft), "fallback": integer(status.fallback),
      "versions": integer(status.versions), "installed": integer(status.installed),
      "blobs": integer(status.blobs), "blob_bytes": integer(status.blobBytes),
      "free_bytes": .integer(status.freeBytes), "reserve": .bool(status.reserveArmed),
      "pins": .array(status.pins.map { .string($0.description) }),
      "blocked_digests": .integer(status.blockedDigests),
      "remote": status.remote.map(remote) ?? .null,
      "scrub": status.scrub.map(scrub) ?? .null,
      "problems": .array(status.problems.map(JSONValue.string)),
    ]
  }

  package static func scrub(_ state: ScrubState) -> JSONValue {
    [
      "started_at": .orNull(state.startedAt?.description),
      "finished_at": .orNull(state.finishedAt?.description),
      "done_bytes": .integer(state.doneBytes), "total_bytes": .integer(state.totalBytes),
      "share": .number(state.share), "damaged": .integer(state.damaged),
    ]
  }

  package static func scrubbed(_ result: ScrubResult) -> JSONValue {
    [
      "checked_blobs": .integer(result.checkedBlobs), "checked_bytes": .integer(result.checkedBytes),
      "bytes_from_cache": .integer(result.bytesFromCache), "finished": .bool(result.isFinished),
      "damaged": .array(result.damaged.map(damage)), "scrub": scrub(result.state),
    ]
  }

  package static func verified(_ result: VerifyResult) -> JSONValue {
    [
      "checked_blobs": .integer(result.checkedBlobs), "checked_bytes": .integer(result.checkedBytes),
      "bytes_from_cache": .integer(result.bytesFromCache),
      "damaged": .array(result.damaged.map(damage)),
      "repaired": .array(result.repaired.map { .string($0.description) }),
    ]
  }

  package static func collected(_ result: CollectionResult, dryRun: Bool) -> JSONValue {
    [
      "removed_versions": .integer(result.removedVersions.count),
      "removed_blobs": .integer(result.removedBlobs.count),
      "removed_generations": .integer(result.removedGenerations.count),
      "freed_bytes": .integer(result.freedBytes), "dry_run": .bool(dryRun),
      "versions": .array(result.removedVersions.map { .string($0.description) }),
      "kept": .object(
        Dictionary(uniqueKeysWithValues: result.kept.map { ($0.key.description, .string($0.value)) })),
    ]
  }

  package static func checked(_ check: AuditCheck) -> JSONValue {
    [
      "records": .integer(check.records), "head": head(check.head),
      "problems": .array(check.problems.map(JSONValue.string)),
    ]
  }
}
