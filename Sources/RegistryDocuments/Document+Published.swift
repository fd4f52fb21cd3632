package import ModelRegistry
package import RegistryModel

extension Document {
  /// What `publish` and `import` say of a version that they made or found.
  package static func published(_ result: PublishResult, seconds: Double) -> JSONValue {
    [
      "version": .string(result.version.description), "number": .integer(result.version.number),
      "digest": .string(result.digest.description), "existing": .bool(result.existing),
      "files": .integer(result.files), "bytes": .integer(result.bytes),
      "reused_bytes": .integer(result.reusedBytes), "duration": .number(seconds),
    ]
  }

  /// What an import says: of one version as publish does, of several a list.
  package static func imported(_ results: [PublishResult], seconds: Double) -> JSONValue {
    let documents = results.map { published($0, seconds: seconds) }
    if documents.count == 1, let only = documents.first { return only }
    return ["versions": .array(documents)]
  }

  package static func installed(_ result: InstallResult) -> JSONValue {
    [
      "version": .string(result.version.description), "digest": .string(result.digest.description),
      "fetched_bytes": .integer(result.fetchedBytes), "reused_bytes": .integer(result.reusedBytes),
      "already_installed": .bool(result.alreadyInstalled),
    ]
  }

  package static func uninstalled(_ result: UninstallResult, dryRun: Bool) -> JSONValue {
    [
      "version": .string(result.version.description), "freeable_bytes": .integer(result.freeableBytes),
      "dry_run": .bool(dryRun),
    ]
  }

  package static func evaluation(_ record: EvaluationRecord) -> JSONValue {
    [
      "evaluation": .string(record.digest.description), "at": .string(record.at.description),
      "by": .string(record.by),
    ]
  }

  package static func evaluated(_ outcome: EvaluationResult) -> JSONValue {
    [
      "version": .string(outcome.record.version.description),
      "evaluation": .string(outcome.record.digest.description), "existing": .bool(outcome.existing),
      "at": .string(outcome.record.at.description), "by": .string(outcome.record.by),
    ]
  }
}
