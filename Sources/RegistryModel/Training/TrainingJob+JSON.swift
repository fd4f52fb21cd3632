extension TrainingJob {
  /// The document; fields that say nothing are null.
  public var json: JSONValue {
    var fields: [String: JSONValue] = [
      "job_id": .string(id.text), "robot_id": .string(robot.text), "status": .string(status.rawValue),
      "seq": .integer(seq), "created_at": .string(createdAt.description),
      "updated_at": .string(updatedAt.description), "config": config,
      "episodes_uri": .text(episodesURI), "episodes_digest": .text(episodesDigest?.description),
      "backend": .text(backend?.rawValue), "backend_id": .text(backendID),
      "adapter": .text(adapter?.text), "reserved": .text(reserved?.description), "error": .text(error),
    ]
    fields["base"] =
      base.map {
        ["version": .string($0.version.description), "digest": .string($0.digest.description)]
      } ?? .null
    fields["worker"] =
      worker.map {
        [
          "id": .string($0.id), "attempt": .integer($0.attempt),
          "heartbeat_at": .string($0.heartbeatAt.description),
        ]
      } ?? .null
    fields["progress"] = progress?.json ?? .null
    fields["result"] = result?.json ?? .null
    return .object(fields)
  }
}

extension TrainerProgress {
  public var json: JSONValue {
    [
      "step": .integer(step), "total_steps": totalSteps.map { .integer($0) } ?? .null,
      "loss": loss.map { .number($0) } ?? .null,
    ]
  }
}

extension TrainingJob.Result {
  public var json: JSONValue {
    [
      "model_uri": .text(modelURI), "version": .text(version?.description),
      "digest": .text(digest?.description), "final_loss": finalLoss.map { .number($0) } ?? .null,
      "training_time_s": trainingSeconds.map { .number($0) } ?? .null,
    ]
  }
}

extension JSONValue {
  /// A string, or null.
  fileprivate static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
