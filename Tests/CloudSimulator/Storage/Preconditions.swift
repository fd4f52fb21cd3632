/// The conditions of a request upon an object's generation and metageneration.
struct Preconditions: Hashable {
  var generation: Int64?
  var notGeneration: Int64?
  var metageneration: Int64?
  var notMetageneration: Int64?

  /// Reads `ifGenerationMatch` and its kin; `prefix` is `ifSource` for the source of a copy.
  init(_ query: Query, prefix: String = "if") throws(APIError) {
    generation = try query.integer("\(prefix)GenerationMatch")
    notGeneration = try query.integer("\(prefix)GenerationNotMatch")
    metageneration = try query.integer("\(prefix)MetagenerationMatch")
    notMetageneration = try query.integer("\(prefix)MetagenerationNotMatch")
  }

  init(generation: Int64? = nil) { self.generation = generation }

  /// For a change: the object may be missing, which is generation 0.
  func check(change object: StoredObject?) throws(APIError) {
    let current = object?.generation ?? 0
    if let generation, generation != current { throw .conditionNotMet }
    if let notGeneration, notGeneration == current { throw .conditionNotMet }
    if let metageneration, metageneration != object?.metageneration { throw .conditionNotMet }
    if let notMetageneration, object.map({ $0.metageneration == notMetageneration }) ?? true {
      throw .conditionNotMet
    }
  }

  /// For a read of an object that is there.
  func check(read object: StoredObject) throws(APIError) {
    if let generation, generation != object.generation { throw .conditionNotMet }
    if let metageneration, metageneration != object.metageneration { throw .conditionNotMet }
    if notGeneration == object.generation || notMetageneration == object.metageneration { throw .notModified }
  }
}

extension Query {
  func integer(_ name: String) throws(APIError) -> Int64? {
    guard let text = self[name] else { return nil }
    guard let number = Decimal.parse(text) else { throw .invalidParameter(name, "'\(text)' is no integer") }
    return number
  }
}
