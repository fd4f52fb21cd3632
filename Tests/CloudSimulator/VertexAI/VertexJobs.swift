import RegistryModel

/// Custom jobs and the calls upon them, without a connection or a clock of their own.
struct VertexJobs {
  struct Job {
    let name: String
    let parent: String
    let body: [String: JSONValue]
    var step = VertexState.Step.queued
    var error: String?
    let createTime: Int64
    var startTime: Int64?
    var endTime: Int64?
    var updateTime: Int64
    var hiddenLists: Int

    mutating func move(to next: VertexState.Step, error: String?, now: Int64) {
      step = next
      self.error = error
      updateTime = now
      if next == .running { startTime = now }
      if next.isFinal { endTime = now }
    }

    func label(_ key: String) -> String? { body["labels"]?[key]?.asString }

    var json: JSONValue {
      var members = body
      members["name"] = .string(name)
      members["state"] = .string("JOB_STATE_\(step.rawValue)")
      for (key, time) in [
        ("createTime", createTime), ("updateTime", updateTime), ("startTime", startTime),
        ("endTime", endTime),
      ] {
        if let time { members[key] = .string(FirestoreTime.text(time)) }
      }
      if let error { members["error"] = ["code": 3, "message": .string(error)] }
      return .object(members)
    }
  }

  /// In the order in which they were made.
  var jobs: [Job] = []
  var listLag = 0
  private let schemas = Result { try DiscoverySchemas() }

  mutating func handle(_ call: VertexCall, _ request: Request, now: Int64) -> Reply {
    do throws(RPCError) {
      if let unknown = request.query.parameters.first(where: { !call.parameters.contains($0.name) }) {
        throw .unknownField(unknown.name, at: "")
      }
      switch call.verb {
      case .create: return .json(200, try create(call, .object(request.object()), now: now))
      case .list: return .json(200, try list(call, request.query))
      case .get(let id): return .json(200, jobs[try index(call, id)].json)
      case .cancel(let id):
        try request.object().check(known: [])
        return .json(200, try cancel(call, id, now: now))
      }
    } catch { return error.reply() }
  }

  private mutating func create(
    _ call: VertexCall, _ body: JSONValue, now: Int64
  ) throws(RPCError) -> JSONValue {
    guard let schemas = try? schemas.get() else {
      throw RPCError(status: 500, name: "INTERNAL", message: "The simulator lacks its schemas.")
    }
    try schemas.check(body, ["$ref": .string(DiscoverySchemas.customJob)], at: "custom_job")
    try CustomJobRules.check(body)
    // Names are the service's, and numbers.
    let id = 4_000_000_000_000_000_000 + Int64(jobs.count)
    let job = Job(
      name: "\(call.parent)/customJobs/\(id)", parent: call.parent, body: body.asObject ?? [:],
      createTime: now, updateTime: now, hiddenLists: listLag)
    jobs.append(job)
    return job.json
  }

  private func index(_ call: VertexCall, _ id: String) throws(RPCError) -> Int {
    let name = "\(call.parent)/customJobs/\(id)"
    guard let index = jobs.firstIndex(where: { $0.name == name }) else {
      throw .notFound("The CustomJob does not exist: \(name)")
    }
    return index
  }

  private mutating func cancel(_ call: VertexCall, _ id: String, now: Int64) throws(RPCError) -> JSONValue {
    let index = try index(call, id)
    guard !jobs[index].step.isFinal else {
      throw .failedPrecondition(
        "CustomJob \(jobs[index].name) is in state JOB_STATE_\(jobs[index].step.rawValue) and can't be cancelled."
      )
    }
    if jobs[index].step != .cancelling { jobs[index].move(to: .cancelling, error: nil, now: now) }
    return [:]
  }

  /// Newest first.
  private mutating func list(_ call: VertexCall, _ query: Query) throws(RPCError) -> JSONValue {
    let filter = try VertexFilter(parsing: query["filter"] ?? "")
    let size = query["pageSize"].flatMap { Int($0) } ?? 0
    guard size >= 0 else { throw .invalid("page_size must not be negative.") }
    let start = query["pageToken"].map { $0.hasPrefix("after-") ? Int($0.dropFirst(6)) : nil } ?? 0
    guard let start, start >= 0 else { throw .invalid("page_token is invalid.") }
    var found: [JSONValue] = []
    for index in jobs.indices.reversed() {
      if jobs[index].hiddenLists > 0 {
        jobs[index].hiddenLists -= 1
        continue
      }
      if jobs[index].parent == call.parent, filter.matches(jobs[index]) { found.append(jobs[index].json) }
    }
    let end = start + (size == 0 ? 100 : min(size, 100))
    var answer: [String: JSONValue] = [:]
    let page = found.dropFirst(start).prefix(end - start)
    if !page.isEmpty { answer["customJobs"] = .array(Array(page)) }
    if end < found.count { answer["nextPageToken"] = .string("after-\(end)") }
    return .object(answer)
  }
}

/// `labels.KEY=VALUE`, `state="STATE"` and `display_name="NAME"`, some of them with AND between.
struct VertexFilter {
  private let terms: [(field: String, value: String)]

  init(parsing text: String) throws(RPCError) {
    var terms: [(field: String, value: String)] = []
    for term in text.split(separator: " AND ") {
      let halves = term.split(separator: "=", maxSplits: 1)
      guard halves.count == 2,
        halves[0].hasPrefix("labels.") || ["state", "display_name"].contains(halves[0])
      else { throw .invalid("The filter \(text) is invalid, or isn't simulated.") }
      var value = halves[1]
      if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
        value = value.dropFirst().dropLast()
      }
      guard !value.contains("\"") else { throw .invalid("The filter \(text) is invalid.") }
      terms.append((String(halves[0]), String(value)))
    }
    self.terms = terms
  }

  func matches(_ job: VertexJobs.Job) -> Bool {
    terms.allSatisfy { term in
      switch term.field {
      case "state": term.value == "JOB_STATE_\(job.step.rawValue)"
      case "display_name": term.value == job.body["displayName"]?.asString
      default: term.value == job.label(String(term.field.dropFirst("labels.".count)))
      }
    }
  }
}
