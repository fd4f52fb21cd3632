public import RegistryModel

extension VertexClient {
  private static let answerLimitBytes = 16 << 20
  /// More pages than any project can fill within the time that jobs are kept; a server that always names another one is
  /// broken.
  private static let maximumPages = 1000

  /// A custom job by its name; nil when there is none.
  ///
  /// - Throws: `usage` for a name of another region; `permission`, `remote`.
  public func job(_ name: CustomJobName) throws(RegistryError) -> CustomJob? {
    let action = "look up the custom job \(name)"
    try check(name)
    let response = try connection.call(HTTPRequest(.get, try endpoint.address(name.text)), action)
    if response.status == 404, ServiceProblem(response).isDocument { return nil }
    guard response.isSuccess else { throw problem(response, action) }
    return try job(connection.document(response, action), action)
  }

  /// The custom jobs that were made for a training job, the oldest first: one, unless something went wrong.
  ///
  /// - Throws: `permission`, `remote`; `notFound` where the project or the region isn't there.
  public func jobs(for id: JobID) throws(RegistryError) -> [CustomJob] {
    let action = "look for the custom job of \(id)"
    var found: [CustomJob] = []
    var page: String?
    for _ in 0..<Self.maximumPages {
      var fields = [
        ("filter", "labels.\(CustomJobRequest.jobLabel)=\"\(id)\""), ("pageSize", "100"),
      ]
      if let page { fields.append(("pageToken", page)) }
      var request = HTTPRequest(.get, try endpoint.address("\(parent)/customJobs", fields))
      request.answerLimitBytes = Self.answerLimitBytes
      let response = try connection.call(request, action)
      guard response.isSuccess else { throw problem(response, action) }
      let json = try connection.document(response, action)
      for element in json["customJobs"]?.asArray ?? [] {
        let job = try job(element, action)
        // Whatever the filter did.
        if job.labels[CustomJobRequest.jobLabel] == id.text { found.append(job) }
      }
      page = json["nextPageToken"]?.asString
      guard let page, !page.isEmpty else { return found.sorted(by: Self.isOlder) }
    }
    throw connection.malformed(action, "its list never ends")
  }

  /// Asks for a custom job's end: it may still end by itself. A job that has ended is left alone.
  ///
  /// - Throws: `usage` for a name of another region; `notFound`, `permission`, `remote`.
  public func cancel(_ name: CustomJobName) throws(RegistryError) {
    let action = "cancel the custom job \(name)"
    try check(name)
    let response = try connection.call(.post(endpoint.address("\(name.text):cancel"), [:]), action)
    guard !response.isSuccess else { return }
    if response.status == 400, try job(name)?.state.isFinal == true { return }
    throw problem(response, action)
  }

  private func check(_ name: CustomJobName) throws(RegistryError) {
    guard name.region == region else {
      throw RegistryError(
        .usage, "the custom job \(name) isn't in the region \(region)",
        hint: "set the region to \(name.region), where it was made")
    }
  }

  private static func isOlder(_ left: CustomJob, _ right: CustomJob) -> Bool {
    let times = (
      left.createdAt ?? Timestamp(milliseconds: .max), right.createdAt ?? Timestamp(milliseconds: .max)
    )
    return times.0 == times.1 ? left.name.text < right.name.text : times.0 < times.1
  }
}
