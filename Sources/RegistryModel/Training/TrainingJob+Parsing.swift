extension TrainingJob {
  /// Whoever reads a number of others counts on from it.
  private static let largestSeq: Int64 = 1 << 40

  /// Reads a document.
  ///
  /// Older ones have fewer fields and fewer statuses, and others may keep fields of their own in it: what isn't known is
  /// left alone. What is known must be right, as a job document may come from anywhere.
  ///
  /// - Throws: `integrity`.
  public init(_ json: JSONValue) throws(RegistryError) {
    var reader = try JSONReader(json, context: "job")
    let id = try reader.required("job_id", .job)
    let createdAt = try reader.required("created_at", .timestamp)
    let config = try reader.nullableOptional("config", .object) ?? [:]
    let backend = try reader.nullableOptional("backend", .backend)
    self.init(
      id: id, robot: try reader.required("robot_id", .parsed(RobotName.init(parsing:))), createdAt: createdAt,
      config: .object(config), adapter: try reader.nullableOptional("adapter", .adapter),
      base: try Self.base(&reader), backend: backend)
    status = try reader.required("status", .status)
    seq = try reader.nullableOptional("seq", .count) ?? 0
    updatedAt = try reader.nullableOptional("updated_at", .timestamp) ?? createdAt
    episodesURI = try reader.nullableOptional("episodes_uri", .uri)
    episodesDigest = try reader.nullableOptional("episodes_digest", .digest)
    backendID = try reader.nullableOptional("backend_id", .uri)
    worker = try Self.worker(&reader)
    reserved = try reader.nullableOptional("reserved", .version)
    progress = try Self.progress(&reader)
    result = try Self.result(&reader)
    error = try Self.error(&reader)
    guard seq <= Self.largestSeq, worker?.attempt ?? 0 <= Self.largestSeq else {
      throw reader.problem(with: "seq", "is a number that nobody can count on from")
    }
    if let reserved, let adapter, reserved.adapter != adapter {
      throw reader.problem(with: "reserved", "is no version of \(adapter)")
    }
    if let version = result?.version, let adapter, version.adapter != adapter {
      throw reader.problem(with: "result", "is no version of \(adapter)")
    }
  }

  private static func base(_ reader: inout JSONReader) throws(RegistryError) -> Base? {
    try reader.part("base") { (part) throws(RegistryError) in
      Base(version: try part.required("version", .version), digest: try part.required("digest", .digest))
    }
  }

  private static func worker(_ reader: inout JSONReader) throws(RegistryError) -> Worker? {
    try reader.part("worker") { (part) throws(RegistryError) in
      Worker(
        id: try part.required("id", .label), attempt: try part.nullableOptional("attempt", .count) ?? 1,
        heartbeatAt: try part.required("heartbeat_at", .timestamp))
    }
  }

  private static func progress(_ reader: inout JSONReader) throws(RegistryError) -> TrainerProgress? {
    try reader.part("progress") { (part) throws(RegistryError) in
      TrainerProgress(
        step: try part.required("step", .count),
        totalSteps: try part.nullableOptional("total_steps", .count),
        loss: try part.nullableOptional("loss", .number))
    }
  }

  private static func result(_ reader: inout JSONReader) throws(RegistryError) -> Result? {
    try reader.part("result") { (part) throws(RegistryError) in
      Result(
        modelURI: try part.nullableOptional("model_uri", .uri),
        version: try part.nullableOptional("version", .version),
        digest: try part.nullableOptional("digest", .digest),
        finalLoss: try part.nullableOptional("final_loss", .number),
        trainingSeconds: try part.nullableOptional("training_time_s", .number))
    }
  }

  /// Text, or an object with a message, as others write it.
  private static func error(_ reader: inout JSONReader) throws(RegistryError) -> String? {
    guard let value = try reader.nullableOptional("error", .any) else { return nil }
    guard let text = value.asString ?? value["message"]?.asString else {
      throw reader.problem(with: "error", "is neither text nor an object with a message")
    }
    return text.storable(maximumBytes: errorBytes, keepingNewlines: true)
  }
}

extension JSONReader {
  /// An object that may be missing or null, of which unknown fields are left alone.
  fileprivate mutating func part<Value: Sendable>(
    _ key: String, _ read: (inout JSONReader) throws(RegistryError) -> Value
  ) throws(RegistryError) -> Value? {
    guard let json = try nullableOptional(key, .any) else { return nil }
    var reader = try JSONReader(json, context: "\(context).\(key)")
    return try read(&reader)
  }
}

extension JSONKind where Value == JobStatus {
  fileprivate static var status: Self {
    .parsed { (text) throws(RegistryError) in
      guard let status = JobStatus(rawValue: text) else {
        throw RegistryError(
          .integrity, "\(text.quoted) is no job's status",
          hint: "known are \(JobStatus.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return status
    }
  }
}

extension JSONKind where Value == TrainingBackendName {
  package static var backend: Self { .parsed(TrainingBackendName.init(parsing:)) }
}

extension JSONKind where Value == String {
  /// Text of 1 to 2,048 bytes without control characters.
  fileprivate static var uri: Self {
    .parsed { (text) throws(RegistryError) in
      guard 1...2048 ~= text.utf8.count, !text.unicodeScalars.contains(where: \.isUnsafeInText) else {
        throw RegistryError(.integrity, "\(text.quoted) is no name of 1 to 2048 bytes", hint: "shorten it")
      }
      return text
    }
  }
}
