package import RegistryModel

/// How a write ended.
package enum FirestoreCommit: Sendable {
  /// It was done now. Times are the server's.
  case done(updateTime: String, commitTime: String, written: String)
  /// An earlier try had been carried out although its answer was lost; this is what stands there.
  case wasDone(FirestoreDocument, readTime: String)
  /// The precondition doesn't hold: something else stands there, or nothing. Nothing was changed.
  case refused
}

extension FirestoreClient {
  /// Carries a write out, once.
  ///
  /// - Parameters:
  ///   - isOwn: whether a document is what this write makes. Asked only where an earlier try may have been carried out;
  ///     of two who make the very same change at once, both may then hear that theirs was done.
  ///   - mask: what of the document `isOwn` needs.
  /// - Throws: as the protocol `JobStore` says; where no answer came, the error says that the effect isn't known.
  package func commit(
    _ write: FirestoreWrite, mask: [String], _ action: String, isOwn: (FirestoreDocument) -> Bool
  ) throws(RegistryError) -> FirestoreCommit {
    let request = HTTPRequest.post(try endpoint.call("commit"), write.json)
    var run = connection.run
    do throws(RegistryError) {
      while true {
        var setback: Setback?
        do throws(HTTPFailure) {
          let response = try connection.attempt(request)
          if response.isSuccess { return try done(response, action) }
          if Self.isPrecondition(response) {
            return try settle(write, mask, action, isAmbiguous: run.isAmbiguous, isOwn, response)
          }
          setback = connection.setback(response)
          guard let setback, run.pause(after: setback) else { throw .local(problem(response, action)) }
        } catch {
          setback = Setback(error)
          guard let setback, run.pause(after: setback) else { throw error.asRegistryError(action) }
        }
        if run.isAmbiguous, let outcome = try look(write, mask, action, isOwn) { return outcome }
      }
    } catch {
      throw run.isAmbiguous ? error.withUnknownEffect : error
    }
  }

  /// The state before a further try: nil where it can be made.
  private func look(
    _ write: FirestoreWrite, _ mask: [String], _ action: String, _ isOwn: (FirestoreDocument) -> Bool
  ) throws(RegistryError) -> FirestoreCommit? {
    let reading = try get(write.name, mask: mask, action)
    if let document = reading.document, isOwn(document) {
      return .wasDone(document, readTime: reading.readTime)
    }
    return write.precondition.holds(for: reading.document) ? nil : .refused
  }

  /// What an answer means that says that the precondition doesn't hold.
  private func settle(
    _ write: FirestoreWrite, _ mask: [String], _ action: String, isAmbiguous: Bool,
    _ isOwn: (FirestoreDocument) -> Bool, _ response: HTTPResponse
  ) throws(HTTPFailure) -> FirestoreCommit {
    // That something is there says all; other answers also come for a database that isn't there or is of another kind.
    if !isAmbiguous, response.status == 409 { return .refused }
    do throws(RegistryError) {
      let outcome = try look(write, mask, action) { isAmbiguous && isOwn($0) }
      guard let outcome else { throw problem(response, action) }
      return outcome
    } catch { throw .local(error) }
  }

  private static func isPrecondition(_ response: HTTPResponse) -> Bool {
    let problem = ServiceProblem(response)
    return switch (problem.status, problem.reason) {
    case (400, "FAILED_PRECONDITION"), (404, "NOT_FOUND"), (409, "ALREADY_EXISTS"): true
    default: false
    }
  }

  /// Reads an answer that says that it was done: what can't be read of it leaves that open.
  private func done(_ response: HTTPResponse, _ action: String) throws(HTTPFailure) -> FirestoreCommit {
    do throws(RegistryError) {
      let json = try connection.document(response, action)
      let result = json["writeResults"]?.asArray?.first
      guard let commitTime = json["commitTime"]?.asString,
        let written = result?["transformResults"]?.asArray?.first?["timestampValue"]?.asString
      else { throw connection.malformed(action, "the answer doesn't describe what was written") }
      // Without a time of its own, a write's is the commit's.
      return .done(
        updateTime: result?["updateTime"]?.asString ?? commitTime, commitTime: commitTime, written: written)
    } catch { throw .local(error.withUnknownEffect) }
  }
}

extension FirestoreWrite.Precondition {
  fileprivate func holds(for document: FirestoreDocument?) -> Bool {
    switch self {
    case .isMissing: document == nil
    case .isUnchanged(let time): document?.updateTime == time
    }
  }
}
