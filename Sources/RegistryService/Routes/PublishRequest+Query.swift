import ModelRegistry
import RegistryModel

extension PublishRequest {
  /// What a query says of an archive.
  init(_ query: Query) throws(RegistryError) {
    guard let adapter = try query.parsed("adapter", AdapterName.init(parsing:)) else {
      throw RegistryError(.usage, "no adapter is named", hint: "?adapter=robot_001")
    }
    self.init(adapter: adapter, paths: [])
    number = try query.integer("version", in: 1...999_999_999).map(Int.init)
    base = try query.parsed("base", Reference.init(parsing:))
    job = query["job"].map(PublishRoutes.job)
    archives = try query.list("archives", atMost: 100, Digest.init(parsing:)).map(\.description)
    metrics = try query.parsed("metrics", Self.metrics) ?? [:]
    framework = query["framework"] ?? framework
    modelType = query["model_type"] ?? modelType
    requires = try query.list("requires", atMost: Manifest.Limits.requires, Requirement.init(parsing:))
    createdAt = try query.parsed("created_at", Timestamp.init(parsing:))
    note = query["note"]
  }

  /// `final_loss=0.02,steps=100`.
  private static func metrics(_ text: String) throws(RegistryError) -> [String: Double] {
    var metrics: [String: Double] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let (name, number) = String(part).splitOnce(at: UInt8(ascii: "=")),
        let value = try? JSONValue(parsing: Array(number.utf8)).asDouble,
        metrics.updateValue(value, forKey: name) == nil
      else {
        throw RegistryError(
          .usage, "\(String(part).quoted) is no metric", hint: "write NAME=NUMBER,…, each name once")
      }
    }
    return metrics
  }
}

extension Query {
  /// The elements of a parameter between commas; none where it isn't given.
  fileprivate func list<T>(
    _ name: String, atMost limit: Int, _ parse: (String) throws(RegistryError) -> T
  ) throws(RegistryError) -> [T] {
    guard let text = self[name] else { return [] }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count <= limit else {
      throw RegistryError(.usage, "the parameter \(name) has more than \(limit) elements", hint: "give fewer")
    }
    var elements: [T] = []
    for part in parts { elements.append(try parse(String(part))) }
    return elements
  }
}
