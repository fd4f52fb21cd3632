extension Manifest {
  /// Reads a manifest from the bytes whose digest is the version's identity.
  ///
  /// Unknown fields, missing fields and duplicate keys are refused, and so are bytes that are not canonical: they
  /// would give the same content another identity. A newer major version is refused before its fields are looked at.
  ///
  /// - Throws: `refused` for a newer `schema`; `integrity` for everything else, naming the field or the byte offset.
  /// - Parameter limits: what it may ask of the machine; less where it comes from elsewhere.
  public init(parsing bytes: [UInt8], limits: JSONLimits = Self.jsonLimits) throws(RegistryError) {
    let document = try JSONValue(parsing: bytes, limits: limits)
    var reader = try JSONReader(document, context: "manifest")
    try Self.checkSchema(reader.required("schema", .string))
    let adapter = try reader.required("adapter", .adapter)
    let number = try reader.required("number", .integer)
    let createdAt = try reader.required("created_at", .timestamp)
    let modelType = try reader.required("model_type", .string)
    let framework = try reader.required("framework", .string)
    let files = try reader.required("files", objects: File.init(reading:))
    let base = try reader.nullable("base", object: BaseReference.init(reading:))
    let job = try reader.nullable("job", object: JobReference.init(reading:))
    let archives = try reader.required("archives", objects: ArchiveReference.init(reading:))
    let metrics = try reader.required("metrics", values: .number)
    let requires = try reader.required("requires", elements: .parsed(Requirement.init(parsing:)))
    let note = try reader.nullable("note", .string)
    let origin = try reader.nullable("origin", object: Origin.init(reading:))
    try reader.finish()
    try self.init(
      adapter: adapter, number: Int(clamping: number), createdAt: createdAt, modelType: modelType,
      framework: framework, files: files, base: base, job: job, archives: archives, metrics: metrics,
      requires: requires, note: note, origin: origin)
    try Self.checkCanonical(bytes, canonicalBytes)
  }

  private static func checkSchema(_ schema: String) throws(RegistryError) {
    guard schema != Self.schema else { return }
    if let major = schema.afterPrefix("manifest.v"), let number = Int(major), number > 1 {
      throw RegistryError(
        .refused, "the manifest is \(schema.quoted), and this program knows \(Self.schema)",
        hint: "update modelctl")
    }
    throw RegistryError(
      .integrity, "\(schema.quoted) is not the schema of a manifest", hint: "expect \(Self.schema)")
  }

  private static func checkCanonical(_ bytes: [UInt8], _ canonical: [UInt8]) throws(RegistryError) {
    guard bytes != canonical else { return }
    let offset = zip(bytes, canonical).prefix { $0 == $1 }.count
    throw RegistryError(
      .integrity, "the manifest is not canonical JSON (RFC 8785) from byte \(offset) on",
      hint: "publish it again; its digest must be that of the canonical bytes")
  }
}

extension Manifest.File {
  init(reading reader: inout JSONReader) throws(RegistryError) {
    path = try reader.required("path", .path)
    digest = try reader.required("digest", .digest)
    bytes = try reader.required("bytes", .integer)
  }
}

extension Manifest.BaseReference {
  init(reading reader: inout JSONReader) throws(RegistryError) {
    version = try reader.required("version", .version)
    digest = try reader.required("digest", .digest)
  }
}

extension Manifest.JobReference {
  init(reading reader: inout JSONReader) throws(RegistryError) {
    id = try reader.required("id", .string)
    configDigest = try reader.nullable("config_digest", .digest)
    imageDigest = try reader.nullable("image_digest", .digest)
    codeVersion = try reader.nullable("code_version", .string)
    seed = try reader.nullable("seed", .integer)
  }
}

extension Manifest.ArchiveReference {
  init(reading reader: inout JSONReader) throws(RegistryError) {
    digest = try reader.required("digest", .digest)
    manifest = try reader.nullable("manifest", .digest)
  }
}

extension Manifest.Origin {
  init(reading reader: inout JSONReader) throws(RegistryError) {
    layout = try reader.required("layout", .string)
    manifest = try reader.required("manifest", .digest)
    version = try reader.nullable("version", .string)
  }
}
