import DurableFiles
public import RegistryModel

/// What attaching an evaluation did.
public struct EvaluationResult: Hashable, Sendable {
  public let record: EvaluationRecord
  /// Whether the version had this very document already.
  public let existing: Bool
}

extension Registry {
  /// Attaches measured results to a version: a JSON object in a file, kept byte for byte as a blob.
  ///
  /// Durable when it returns (docs/format.md, K1–K3): the blob, then the mark, then the row. The same bytes again
  /// change nothing.
  /// - Parameter by: who measured; nil: the caller.
  /// - Throws: `integrity` where the file is no JSON object; `notFound` where file or version isn't there.
  @discardableResult
  public func evaluate(
    _ reference: Reference, result path: String, by: String? = nil
  ) throws(RegistryError) -> EvaluationResult {
    let bytes = try reporting("evaluate \(reference)", unchanged: "no evaluation was attached") {
      _ = try resolve(reference)
      return try Self.document(at: path)
    }
    return try evaluate(reference, document: bytes, by: by)
  }

  /// The same with the document's bytes, which the caller has read.
  ///
  /// - Throws: `integrity` where they are no JSON object.
  @discardableResult
  public func evaluate(
    _ reference: Reference, document bytes: [UInt8], by: String? = nil
  ) throws(RegistryError) -> EvaluationResult {
    try reporting("evaluate \(reference)", unchanged: "no evaluation was attached") {
      let index = try index()
      let named = try resolve(reference).version
      try Self.requireObject(bytes, "the result")
      let operation = try Operation("evaluate", in: store, waitingAtMost: patience)
      defer { operation.finish() }
      let blob = try blobs.stage(bytes, in: operation)
      let record = EvaluationRecord(
        version: named, digest: blob.digest, at: clock.now(), by: by ?? caller)
      let content = try StoreLock.content.acquire(store, .shared, waitingAtMost: patience)
      defer { content.release() }
      let names = try StoreLock.names.acquire(store, .exclusive, waitingAtMost: patience)
      defer { names.release() }
      // A restore may have given the version another row meanwhile.
      let version = try resolve(.version(named))
      let (known, isFirst) = try index.read { transaction in
        (
          try transaction.evaluations(of: version).first { $0.digest == blob.digest },
          try !transaction.hasEvaluations()
        )
      }
      if let known { return EvaluationResult(record: known, existing: true) }
      try operation.announce()
      try nameBlobs([blob], from: operation, index)
      try marks.attach(record, isFirst: isFirst)
      try index.write { transaction in
        try recordBlobs([blob], in: transaction)
        try transaction.insertEvaluation(record, of: version)
        try transaction.audit(
          .evaluate, version.version.description, to: blob.digest.description,
          reason: by.map { "by \($0)" }, by: caller, at: clock.now())
      }
      operation.conclude()
      return EvaluationResult(record: record, existing: false)
    }
  }

  /// The evaluations of a version, oldest first.
  public func evaluations(of reference: Reference) throws(RegistryError) -> [EvaluationRecord] {
    try reporting("list the evaluations of \(reference)") {
      let version = try resolve(reference)
      return try index().read { try $0.evaluations(of: version) }
    }
  }

  private static func document(at path: String) throws -> [UInt8] {
    let sources = try SourceScan.files(at: [path])
    guard sources.count == 1, let source = sources.first, source.name.split(separator: "/").count == 1 else {
      throw RegistryError(.usage, "\(path.quoted) is a folder", hint: "name one file with a JSON object")
    }
    let bytes = try source.folder.readSmallFile(source.name, limit: JSONLimits.standard.maximumBytes)
    try requireObject(bytes, path.quoted)
    return bytes
  }

  private static func requireObject(_ bytes: [UInt8], _ what: String) throws {
    guard try JSONValue(parsing: bytes).asObject != nil else {
      throw RegistryError(.integrity, "\(what) holds no JSON object", hint: "write {\"name\": value, …}")
    }
  }
}
