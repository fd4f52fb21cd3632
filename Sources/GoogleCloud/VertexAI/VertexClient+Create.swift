public import RegistryModel

// Vertex AI's create has no number of its own by which it would know a request again. So:
//   1. Look for a job with this label; one that is there is the answer, whoever made it.
//   2. Post. A refusal says that nothing was made; 429 too.
//   3. Where it isn't known whether the job was made (no answer, 5xx), look again for some seconds, as nobody says how soon
//      a list shows what was made, and post only where it isn't there.
//   4. A job that follows on such a doubt is looked for once more. Wherever two are found, the older one stays, and the
//      younger is cancelled.
// A process that dies in between begins with 1. Two processes that submit one job at once are kept apart by its document,
// which is changed by compare-and-swap before.
extension VertexClient {
  /// How often a list is asked before it is believed that a job wasn't made, and how long lies between.
  package static let looks = 3
  static let lookDelay = Duration.seconds(5)

  /// Has the custom job of a training job made, once, however often this is called.
  ///
  /// - Returns: the new one, or the one that was made before, in whatever state it is.
  /// - Throws: `usage` before anything is sent; `refused` for what Vertex AI doesn't accept, with its words; `permission`;
  ///   `remote`, which says where it isn't known whether a job was made: call it again then.
  public func createOnce(_ request: CustomJobRequest) throws(RegistryError) -> CustomJob {
    let body = try request.json()
    let action = "have the custom job of \(request.jobID) made"
    if let job = try oldest(request.jobID) { return job }
    var run = connection.run
    do throws(RegistryError) {
      while true {
        do throws(HTTPFailure) {
          let response = try connection.attempt(.post(address(), body))
          if response.isSuccess {
            return try made(response, request.jobID, isDoubtful: run.isAmbiguous, action)
          }
          guard let setback = connection.setback(response), run.pause(after: setback) else {
            throw .local(problem(response, action))
          }
        } catch {
          guard let setback = Setback(error), run.pause(after: setback) else {
            throw error.asRegistryError(action)
          }
        }
        if run.isAmbiguous, let job = try look(request.jobID) { return job }
      }
    } catch {
      throw run.isAmbiguous ? error.withUnknownEffect : error
    }
  }

  private func address() throws(HTTPFailure) -> HTTPAddress {
    do throws(RegistryError) { return try endpoint.address("\(parent)/customJobs") } catch {
      throw .local(error)
    }
  }

  private func made(
    _ response: HTTPResponse, _ id: JobID, isDoubtful: Bool, _ action: String
  ) throws(HTTPFailure) -> CustomJob {
    do throws(RegistryError) {
      let job = try job(connection.document(response, action), action)
      return isDoubtful ? try oldest(id, beside: job) ?? job : job
    } catch { throw .local(error.withUnknownEffect) }
  }

  /// The job that a try before may have made; nil where it isn't there, and hasn't been for some seconds.
  private func look(_ id: JobID) throws(RegistryError) -> CustomJob? {
    for number in 0..<Self.looks {
      if number > 0 { connection.clock.sleep(Self.lookDelay) }
      if let job = try oldest(id) { return job }
    }
    return nil
  }

  /// The job with this label; of several, the oldest that is of use, while the others are ended.
  ///
  /// - Parameter own: one that the list may not have yet.
  private func oldest(_ id: JobID, beside own: CustomJob? = nil) throws(RegistryError) -> CustomJob? {
    var all = try jobs(for: id)
    if let own, !all.contains(where: { $0.name == own.name }) { all.append(own) }
    // One that failed or was cancelled isn't kept at the price of one that still trains.
    let kept =
      all.first { $0.state == .succeeded || !$0.state.isFinal && $0.state != .cancelling } ?? all.first
    for other in all where other.name != kept?.name && !other.state.isFinal { try cancel(other.name) }
    return kept
  }
}
