package import RegistryModel

/// A training job as a document of Firestore: the fields that are ours, and no others.
package enum JobDocument {
  /// The fields that are read, and of which those that changed are written; others' are left alone.
  package static let fields = [
    "adapter", "backend", "backend_id", "base", "config", "created_at", "episodes_digest", "episodes_uri",
    "error", "job_id", "progress", "reserved", "result", "robot_id", "seq", "status", "updated_at", "worker",
  ]
  /// The objects that change, of which all members are ours and always there.
  private static let parts: Set = ["progress", "result", "worker"]
  /// Set by the server itself.
  static let timeField = "updated_at"

  /// All fields of a new document, without the one that the server sets.
  ///
  /// - Throws: `usage` for a configuration that Firestore can't keep.
  package static func fields(of job: TrainingJob) throws(RegistryError) -> [String: JSONValue] {
    var fields: [String: JSONValue] = [:]
    for (name, value) in job.json.asObject ?? [:] where name != timeField {
      fields[name] = try encode(value, name, job.id)
    }
    return fields
  }

  /// The difference of two states of one job: paths that are written, and the values under them.
  ///
  /// Inside ``parts`` only what changed is written as well, so that what others keep there survives too.
  package static func change(
    from old: TrainingJob, to new: TrainingJob
  ) throws(RegistryError) -> (mask: [String], fields: [String: JSONValue]) {
    let before = old.json.asObject ?? [:]
    var mask: [String] = []
    var fields: [String: JSONValue] = [:]
    for (name, value) in new.json.asObject ?? [:] where name != timeField && value != before[name] {
      guard parts.contains(name), let members = value.asObject, let membersBefore = before[name]?.asObject
      else {
        mask.append(name)
        fields[name] = try encode(value, name, new.id)
        continue
      }
      var changed: [String: JSONValue] = [:]
      for (member, value) in members where value != membersBefore[member] {
        mask.append("\(name).\(member)")
        changed[member] = try encode(value, "\(name).\(member)", new.id)
      }
      fields[name] = ["mapValue": ["fields": .object(changed)]]
    }
    return (mask.sorted(), fields)
  }

  /// Reads a document.
  ///
  /// Losses that are no numbers are unknown. A document without a `job_id` has its name for it.
  ///
  /// - Throws: `integrity`, naming the document.
  package static func job(_ document: FirestoreDocument) throws(RegistryError) -> TrainingJob {
    do throws(RegistryError) {
      var members: [String: JSONValue] = ["job_id": .string(document.id)]
      for name in fields {
        guard let value = document.fields[name] else { continue }
        let isMeasured = name == "progress" || name == "result"
        members[name] = try FirestoreValue.decode(value, at: name, nonFinite: isMeasured ? .null : .refused)
      }
      let job = try TrainingJob(.object(members))
      guard job.id.text == document.id else {
        throw RegistryError(
          .integrity, "its job_id is \(job.id)", hint: "correct the document, or have its author correct it")
      }
      return job
    } catch { throw unreadable(document, error) }
  }

  /// An error that names the document.
  static func unreadable(_ document: FirestoreDocument, _ error: RegistryError) -> RegistryError {
    let place = document.name.split(separator: "/").suffix(2).joined(separator: "/").printable
    return RegistryError(
      .integrity, "the document \(place) can't be read: \(error.message)", unchanged: "it was left alone",
      hint: error.hint)
  }

  private static func encode(
    _ value: JSONValue, _ name: String, _ id: JobID
  ) throws(RegistryError) -> JSONValue {
    if name == "created_at", let text = value.asString { return ["timestampValue": .string(text)] }
    do { return try FirestoreValue.encode(value, at: name) } catch {
      throw RegistryError(
        error.code, "the document of \(id): \(error.message)", unchanged: error.unchanged, hint: error.hint)
    }
  }
}

extension TrainingJob {
  /// The same with another `updated_at`, as the server set it.
  func updated(at time: Timestamp) throws(RegistryError) -> TrainingJob {
    var members = json.asObject ?? [:]
    members[JobDocument.timeField] = .string(time.description)
    return try TrainingJob(.object(members))
  }

  /// Whether both say the same, whenever that was written.
  func saysTheSame(as other: TrainingJob) -> Bool {
    func rest(_ job: TrainingJob) -> [String: JSONValue] {
      (job.json.asObject ?? [:]).filter { $0.key != JobDocument.timeField }
    }
    return rest(self) == rest(other)
  }
}
