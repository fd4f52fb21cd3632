public import RegistryModel

/// Training jobs in a collection of Firestore.
///
/// Every change is a commit with the precondition that nobody changed the document since it was read, and writes only
/// what changed, so that fields of others survive. `updated_at` is the server's time. Whether something was changed is
/// told by Firestore's `updateTime`.
public struct FirestoreJobStore: JobStore {
  /// Where jobs are unless somebody says otherwise.
  public static let defaultCollection = "training_jobs"

  package let client: FirestoreClient
  let collection: String

  /// - Throws: `usage` for a collection that isn't 1 to 100 of letters, digits, `_` and `-`.
  public init(
    _ client: FirestoreClient, collection: String = defaultCollection
  ) throws(RegistryError) {
    guard 1...100 ~= collection.utf8.count, !collection.hasPrefix("__"),
      collection.utf8.allSatisfy({
        $0.isASCIIDigit || $0.isASCIIUppercase || (97...122).contains($0) || "_-".utf8.contains($0)
      })
    else {
      throw RegistryError(
        .usage, "\(collection.quoted) is no collection for jobs", hint: "use letters, digits, _ and -")
    }
    self.client = client
    self.collection = collection
  }

  /// The store as the environment describes it; see ``FirestoreClient/open(_:database:environment:http:)``.
  public static func open(
    _ project: ProjectID, database: String = FirestoreEndpoint.defaultDatabase,
    collection: String = defaultCollection, environment: [String: String], http: HTTPClient
  ) throws(RegistryError) -> FirestoreJobStore {
    try FirestoreJobStore(
      .open(project, database: database, environment: environment, http: http), collection: collection)
  }

  public var name: String { "Firestore, \(client.endpoint.root)/\(collection)" }

  public func create(_ job: TrainingJob) throws(RegistryError) -> StoredJob? {
    let write = FirestoreWrite(
      name: documentName(job.id), fields: try JobDocument.fields(of: job), mask: nil,
      timeField: JobDocument.timeField, precondition: .isMissing)
    return try carryOut(write, job, "make the job \(job.id) in Firestore")
  }

  public func read(_ id: JobID) throws(RegistryError) -> StoredJob? {
    let action = "read the job \(id) in Firestore"
    let reading = try client.get(documentName(id), mask: JobDocument.fields, action)
    guard let document = reading.document else { return nil }
    return try stored(document, readTime: reading.readTime, action)
  }

  /// - Precondition: both are the same job.
  public func replace(_ stored: StoredJob, with job: TrainingJob) throws(RegistryError) -> StoredJob? {
    precondition(stored.job.id == job.id, "\(job.id) can't stand in the place of \(stored.job.id)")
    let change = try JobDocument.change(from: stored.job, to: job)
    let write = FirestoreWrite(
      name: documentName(job.id), fields: change.fields, mask: change.mask,
      timeField: JobDocument.timeField, precondition: .isUnchanged(since: stored.revision))
    return try carryOut(write, job, "change the job \(job.id) in Firestore")
  }

  private func carryOut(
    _ write: FirestoreWrite, _ job: TrainingJob, _ action: String
  ) throws(RegistryError) -> StoredJob? {
    let outcome = try client.commit(write, mask: JobDocument.fields, action) { document in
      (try? JobDocument.job(document))?.saysTheSame(as: job) == true
    }
    switch outcome {
    case .refused: return nil
    case .wasDone(let document, let readTime): return try stored(document, readTime: readTime, action)
    case .done(let updateTime, let commitTime, let written):
      return StoredJob(
        job: try job.updated(at: try time(written, action)), revision: updateTime,
        changedAt: try time(updateTime, action), readAt: try time(commitTime, action))
    }
  }

  /// What a document says, with the times at which it was changed and read.
  func stored(
    _ document: FirestoreDocument, readTime: String, _ action: String
  ) throws(RegistryError) -> StoredJob {
    StoredJob(
      job: try JobDocument.job(document), revision: document.updateTime,
      changedAt: try time(document.updateTime, action), readAt: try time(readTime, action))
  }

  func documentName(_ id: JobID) -> String { "\(client.endpoint.root)/\(collection)/\(id)" }

  private func time(_ text: String, _ action: String) throws(RegistryError) -> Timestamp {
    guard let time = try? Timestamp(parsing: text) else {
      throw client.connection.malformed(action, "the answer has a time that can't be read")
    }
    return time
  }
}
