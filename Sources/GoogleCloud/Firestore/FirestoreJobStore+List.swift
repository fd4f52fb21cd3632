public import RegistryModel

extension FirestoreJobStore {
  /// One page, newest first; two requests, and one where no older documents are left.
  ///
  /// A document without `created_at` isn't listed, as Firestore leaves out what lacks the field that it sorts by.
  ///
  /// - Throws: also `usage` where `after` isn't what a page named, and `refused` where Firestore lacks an index.
  public func list(_ query: JobQuery) throws(RegistryError) -> JobPage {
    let action = "list jobs in Firestore"
    var cursor = JobCursor()
    if let after = query.after { cursor = try JobCursor(parsing: after) }
    var times = try fetch(query, .times, from: cursor.times, action)
    var texts = try fetch(query, .texts, from: cursor.texts, action)
    var jobs: [StoredJob] = []
    var problems: [String] = []
    while jobs.count + problems.count < query.limit, let isText = Self.isTextNext(times, texts) {
      let row = isText ? texts.removeFirst() : times.removeFirst()
      if isText { cursor.texts = row.place } else { cursor.times = row.place }
      do throws(RegistryError) {
        if let problem = row.problem { throw problem }
        jobs.append(try stored(row.document, readTime: row.readTime, action))
      } catch {
        guard error.code == .integrity else { throw error }
        problems.append("\(error.message); \(error.hint)")
      }
    }
    if times.isEmpty { cursor.times = .end }
    if texts.isEmpty { cursor.texts = .end }
    return JobPage(jobs: jobs, problems: problems, next: cursor.text)
  }

  /// Whether the newer of two sequences' first is the texts'; nil where both are at their end. What has no time that can
  /// be read comes at once.
  private static func isTextNext(
    _ times: [Row], _ texts: [Row]
  ) -> Bool? {
    guard let text = texts.first else { return times.isEmpty ? nil : false }
    guard let time = times.first else { return true }
    guard let textCreated = text.createdAt else { return true }
    guard let timeCreated = time.createdAt else { return false }
    return textCreated > timeCreated
  }
}

/// A document of a page.
private struct Row {
  let document: FirestoreDocument
  let readTime: String
  /// Why it can't be read, where that is known already.
  var problem: RegistryError?

  var place: JobCursor.Place {
    .after(createdAt: document.fields["created_at"] ?? ["nullValue": nil], id: document.id)
  }

  var createdAt: Timestamp? {
    let value = document.fields["created_at"]
    let text = value?["timestampValue"]?.asString ?? value?["stringValue"]?.asString
    return text.flatMap { try? Timestamp(parsing: $0) }
  }
}

/// The two sequences of a list; see ``JobCursor``.
private enum Sequence {
  case times, texts

  /// Later than any time, and before all texts.
  static let boundary: JSONValue = [
    "values": [["timestampValue": "9999-12-31T23:59:59.999999Z"]], "before": true,
  ]
}

extension FirestoreJobStore {
  /// The next documents of a sequence: one more than a page has, which tells whether there is another page.
  private func fetch(
    _ query: JobQuery, _ sequence: Sequence, from place: JobCursor.Place, _ action: String
  ) throws(RegistryError) -> [Row] {
    guard place != .end else { return [] }
    let query = structured(query, sequence, from: place)
    do { return try rows(query(JobDocument.fields), action) } catch {
      guard error.code == .integrity else { throw error }
    }
    // One of them holds what JSON can't say: each is read by itself.
    var single: [Row] = []
    for row in try rows(query(["created_at"]), action) {
      do throws(RegistryError) {
        let reading = try client.get(row.document.name, mask: JobDocument.fields, action)
        // One that is gone meanwhile is none.
        guard let document = reading.document else { continue }
        single.append(Row(document: document, readTime: reading.readTime))
      } catch {
        guard error.code == .integrity else { throw error }
        let problem = JobDocument.unreadable(row.document, error)
        single.append(Row(document: row.document, readTime: row.readTime, problem: problem))
      }
    }
    return single
  }

  private func rows(_ query: JSONValue, _ action: String) throws(RegistryError) -> [Row] {
    try client.query(query, action).compactMap { reading in
      reading.document.map { Row(document: $0, readTime: reading.readTime) }
    }
  }

  /// Makes a query for some fields.
  private func structured(
    _ query: JobQuery, _ sequence: Sequence, from place: JobCursor.Place
  ) -> ([String]) -> JSONValue {
    func path(_ name: String) -> JSONValue { ["fieldPath": .string(name)] }
    var filters: [JSONValue] = []
    for (name, text) in [("robot_id", query.robot?.text), ("status", query.status?.rawValue)] {
      guard let text else { continue }
      filters.append([
        "fieldFilter": ["field": path(name), "op": "EQUAL", "value": ["stringValue": .string(text)]]
      ])
    }
    var members: [String: JSONValue] = [
      "from": [["collectionId": .string(collection)]], "limit": .integer(query.limit + 1),
      "orderBy": [
        ["field": path("created_at"), "direction": "DESCENDING"],
        ["field": path("__name__"), "direction": "DESCENDING"],
      ],
    ]
    switch filters.count {
    case 0: break
    case 1: members["where"] = filters[0]
    default: members["where"] = ["compositeFilter": ["op": "AND", "filters": .array(filters)]]
    }
    if sequence == .times {
      members["startAt"] = Sequence.boundary
    } else {
      members["endAt"] = Sequence.boundary
    }
    if case .after(let createdAt, let id) = place {
      let name = "\(client.endpoint.root)/\(collection)/\(id)"
      members["startAt"] = ["values": [createdAt, ["referenceValue": .string(name)]], "before": false]
    }
    return { fields in
      members.merging(["select": ["fields": .array(fields.map(path))]]) { _, new in new }.json
    }
  }
}

extension [String: JSONValue] {
  fileprivate var json: JSONValue { .object(self) }
}
