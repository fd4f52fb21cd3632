extension RobotReport {
  /// - Throws: `integrity` for a document that no robot writes, or that its name contradicts.
  public init(name: RelativePath, bytes: [UInt8]) throws(RegistryError) {
    var reader = try JSONReader(JSONValue(parsing: bytes), context: "robot")
    self.init(
      robot: try reader.required("robot", .parsed(RobotName.init(parsing:))),
      seq: try reader.required("seq", .integer),
      active: try Self.active(try reader.optional("active", .any)),
      installed: try reader.required("installed", elements: .digest),
      audit: try Self.audit(try reader.optional("audit", .any)),
      reportedAt: try reader.required("reported_at", .timestamp))
    try reader.finish()
    guard RemoteLayout.robot(robot).text == name.text, 1...Self.largestNumber ~= seq else {
      throw RegistryError(
        .integrity, "the report \(name.text.quoted) speaks of number \(seq) of \(robot.text.quoted)",
        hint: "look who writes the object")
    }
  }

  private static func active(_ value: JSONValue?) throws(RegistryError) -> Active? {
    guard let value, value != .null else { return nil }
    var reader = try JSONReader(value, context: "robot.active")
    let generation = try reader.required("generation", .integer)
    var members: [GenerationSet.Member] = []
    for (_, member) in try reader.required("set", .object) {
      var fields = try JSONReader(member, context: "robot.active.set")
      members.append(
        GenerationSet.Member(
          version: try fields.required("version", .version), digest: try fields.required("digest", .digest)))
      try fields.finish()
    }
    try reader.finish()
    return Active(generation: Int(generation), set: GenerationSet(members))
  }

  private static func audit(_ value: JSONValue?) throws(RegistryError) -> AuditHead? {
    guard let value, value != .null else { return nil }
    var reader = try JSONReader(value, context: "robot.audit")
    let head = AuditHead(
      seq: try reader.required("seq", .integer), digest: try reader.required("digest", .digest))
    try reader.finish()
    return head
  }
}
