package import RegistryModel

/// Training as the service asks for it; whoever puts the program together says how it is done.
///
/// Every call blocks. Documents are those of the command line.
package protocol TrainingDesk: Sendable {
  /// Packs and sends the episodes that were never sent.
  func upload(
    as caller: String, again: Bool, progress: @escaping @Sendable (Int64, Int64) throws -> Void
  ) throws -> JSONValue

  /// Makes a job and has it trained; its document.
  func trigger(_ order: TrainingOrder, as caller: String) throws -> JSONValue

  /// The job's document.
  func status(_ id: JobID) throws -> JSONValue

  /// One page of jobs, newest first: `{jobs, next}`.
  func jobs(_ query: JobQuery) throws -> JSONValue

  func cancel(_ id: JobID, reason: String?, as caller: String) throws -> JSONValue

  /// Brings what a job made, verified; on trial where asked.
  func download(
    _ id: JobID, activates: Bool?, as caller: String,
    progress: @escaping @Sendable (Int64, Int64) throws -> Void
  ) throws -> JSONValue

  /// Whether to train here, in the cloud, or not yet.
  func decision() throws -> JSONValue

  /// One round of what is automatic.
  func automate(as caller: String) throws -> JSONValue

  /// What is configured: backends, the adapter, what is automatic.
  var settings: JSONValue { get }
}

/// What to train.
package struct TrainingOrder: Sendable {
  package enum Base: Hashable, Sendable {
    case active, none
    case version(Reference)
  }

  package var adapter: AdapterName?
  package var base = Base.active
  package var archive: Digest?
  package var backend: TrainingBackendName?
  package var config: [String: JSONValue] = [:]

  package init() {}
}
