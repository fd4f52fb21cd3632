package import RegistryModel

extension FaultScript {
  /// Reads a script: `{"seed": 1, "faults": [{"kind": "media", "skip": 1, "action": {"type": "dropResponse"}}]}`.
  ///
  /// - Throws: `integrity` for anything that is not exactly a script.
  package convenience init(json: JSONValue) throws(RegistryError) {
    var reader = try JSONReader(json, context: "script")
    let seed = try reader.optional("seed", .integer) ?? 0
    let faults = try reader.required(
      "faults", objects: { (reader: inout JSONReader) throws(RegistryError) in try Fault(&reader) })
    try reader.finish()
    self.init(faults, seed: UInt64(bitPattern: seed))
  }
}

extension Fault {
  fileprivate init(_ reader: inout JSONReader) throws(RegistryError) {
    let kindName = try reader.optional("kind", .string)
    if let kindName, RequestKind(rawValue: kindName) == nil {
      let known = RequestKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw reader.problem(with: "kind", "is \(kindName)", hint: "kinds are \(known)")
    }
    let method = try reader.optional("method", .string)
    let path = try reader.optional("path", .string)
    let skip = try reader.count("skip") ?? 0
    // Null is without end.
    let times = try reader.optional("times", .any)
    if let times, !times.isNull, times.asInt.map({ $0 > 0 }) != true {
      throw reader.problem(with: "times", "must be a positive integer, or null for without end")
    }
    let probability = try reader.optional("probability", .number)
    if let probability, !(0...1).contains(probability) {
      throw reader.problem(with: "probability", "must lie between 0 and 1")
    }
    let action = try reader.required(
      "action", object: { (reader: inout JSONReader) throws(RegistryError) in try Action(&reader) })
    self.init(
      action, on: kindName.flatMap(RequestKind.init(rawValue:)), method: method, pathContains: path,
      skip: Int(skip), times: times.map { $0.asInt.map { Int($0) } } ?? 1, probability: probability)
  }
}

extension Fault.Action {
  fileprivate init(_ reader: inout JSONReader) throws(RegistryError) {
    let type = try reader.required("type", .string)
    switch type {
    case "answer", "doThenAnswer":
      let status = try reader.required("status", .integer)
      guard (200...599).contains(status) else {
        throw reader.problem(with: "status", "must lie in 200...599")
      }
      var answer = FaultAnswer(Int(status))
      answer.retryAfterSeconds = try reader.count("retryAfterSeconds")
      answer.contentType = try reader.optional("contentType", .string) ?? answer.contentType
      answer.body = try reader.optional("body", .string) ?? ""
      self = type == "answer" ? .answer(answer) : .doThenAnswer(answer)
    case "dropResponse": self = .dropResponse
    case "closeRequest": self = .closeRequest(afterBytes: try reader.needed("afterBytes"))
    case "stallRequest": self = .stallRequest(afterBytes: try reader.needed("afterBytes"))
    case "storePart": self = .storePart(afterBytes: try reader.needed("afterBytes"))
    case "corruptRequest": self = .corruptRequest(atByte: try reader.needed("atByte"))
    case "closeResponse": self = .closeResponse(afterBytes: try reader.needed("afterBytes"))
    case "stallResponse": self = .stallResponse(afterBytes: try reader.needed("afterBytes"))
    case "corruptResponse": self = .corruptResponse(atByte: try reader.needed("atByte"))
    case "wrongLength": self = .wrongLength(byBytes: try reader.required("byBytes", .integer))
    case "endlessBody": self = .endlessBody
    case "changeObject": self = .changeObject
    case "delay": self = .delay(milliseconds: try reader.needed("milliseconds"))
    default: throw reader.problem(with: "type", "is \(type), which is no action")
    }
  }
}

extension JSONReader {
  fileprivate mutating func count(_ key: String) throws(RegistryError) -> Int64? {
    let value = try optional(key, .integer)
    if let value, value < 0 { throw problem(with: key, "must not be negative") }
    return value
  }

  fileprivate mutating func needed(_ key: String) throws(RegistryError) -> Int64 {
    let value = try required(key, .integer)
    if value < 0 { throw problem(with: key, "must not be negative") }
    return value
  }
}
