import GoogleCloud
import ModelRegistry
import RegistryModel

extension TrainingPolicy {
  /// Reads the section `training` of `config.yaml`; tools/examples/cloud_training.yaml has every key.
  ///
  /// What isn't there keeps its default. Settings that can't work together are refused here, where the file is at hand,
  /// and not in the middle of a job.
  init(section: JSONValue, context: String) throws(RegistryError) {
    self.init()
    var reader = try JSONReader(section, context: context)
    recordings = try reader.path("recordings")
    data = try reader.optional("data", .remote)
    if let jobs = try reader.optional("jobs", .any) { self.jobs = try Self.jobs(jobs, reader) }
    adapter = try reader.optional("adapter", .adapter)
    if let name = try reader.optional("backend", .string) { backend = try Self.backend(name, reader) }
    if let config = try reader.free("config") { self.config = config }
    if let auto = try reader.optional("auto", .bool) { isAutomatic = auto }
    if let install = try reader.optional("auto_install", .bool) { installsResults = install }
    if let activate = try reader.optional("auto_activate", .bool) { activatesResults = activate }
    if let worker = try reader.optional("worker", .any) {
      self.worker = try WorkerPolicy(section: worker, context: "\(context).worker")
    }
    if let decision = try reader.optional("decision", .any) {
      self.decision = try DecisionPolicy(section: decision, context: "\(context).decision")
    }
    if let vertex = try reader.optional("vertex", .any) {
      self.vertex = try VertexPolicy(section: vertex, context: "\(context).vertex")
    }
    try reader.finish()
    guard backend != .vertex || vertex != nil else {
      throw reader.problem(
        with: "backend", "is vertex, and there is no \(context).vertex",
        hint: "add vertex: {project: …, region: …, image: …}, or choose local or event")
    }
    guard !isAutomatic || recordings != nil else {
      throw reader.problem(
        with: "auto", "is true, and there is no \(context).recordings to watch",
        hint: "name the folder that the robot records into, or set auto: false")
    }
  }

  private static func backend(
    _ name: String, _ reader: JSONReader
  ) throws(RegistryError) -> TrainingBackendName {
    do {
      return try TrainingBackendName(parsing: name)
    } catch {
      throw reader.problem(with: "backend", "is \(name.quoted)", hint: error.hint)
    }
  }

  private static func jobs(_ value: JSONValue, _ outer: JSONReader) throws(RegistryError) -> Jobs {
    if value == "index" { return .index }
    let hint = "write index, or {project: PROJECT} for Firestore"
    guard value.asObject != nil else {
      throw outer.problem(
        with: "jobs", "is \(value.asString?.quoted ?? value.kindName), and neither index nor a database",
        hint: hint)
    }
    var reader = try JSONReader(value, context: "\(outer.context).jobs")
    let project = try reader.required("project", .project)
    let database = try reader.text("database") ?? FirestoreEndpoint.defaultDatabase
    try reader.finish()
    do { _ = try FirestoreEndpoint(project, database: database, environment: [:]) } catch {
      throw reader.problem(with: "database", "is wrong: \(error.message)", hint: error.hint)
    }
    return .firestore(project: project.text, database: database)
  }
}

extension JSONKind where Value == ProjectID {
  static var project: Self { .parsed(ProjectID.init(parsing:)) }
}

extension JSONKind where Value == VertexRegion {
  static var region: Self { .parsed(VertexRegion.init(parsing:)) }
}
