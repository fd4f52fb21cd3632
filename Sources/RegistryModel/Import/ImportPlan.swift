/// What a version would be that is made of a foreign layout: every file in it is vouched for as well as its layout can.
///
/// The number, the adapter and the time may be open; whoever imports says them or takes the next number and now.
public struct ImportPlan: Sendable {
  public let layout: ImportLayout
  /// Where the version lies in the source, for messages; empty for the source itself.
  public let location: String
  public var adapter: AdapterName?
  /// What a version `v4` or `4` says.
  public var number: Int?
  /// What a version says that is no number, `v1.0.0`.
  public var originVersion: String?
  public var createdAt: Timestamp?
  public var modelType = "unknown"
  public var framework = "unknown"
  /// Sorted by the bytes of the paths.
  public var files: [Manifest.File]
  public var jobID: String?
  /// The canonical JSON of the job's configuration, whose digest is `job.config_digest`.
  public var jobConfiguration: [UInt8]?
  public var metrics: [String: Double] = [:]
  /// The original manifest, whose bytes are kept; nil for a bare file.
  public var document: Digest?

  init(_ layout: ImportLayout, _ folder: ImportFolder, files: [Manifest.File]) {
    self.layout = layout
    self.location = folder.location
    self.files = files
    document = layout.manifestName.flatMap { folder.file($0)?.digest }
  }

  /// Reads every version that lies in a source.
  ///
  /// - Throws: what ``ImportSource/units()`` and ``ImportUnit/plan()`` throw.
  public static func all(in source: ImportSource) throws(RegistryError) -> [ImportPlan] {
    var plans: [ImportPlan] = []
    for unit in try source.units() { plans.append(try unit.plan()) }
    return plans
  }

  /// Takes the adapter and number, or the origin's version, from a model's id and its version.
  mutating func name(_ id: String?, version: ForeignVersion?, in document: ForeignDocument)
    throws(RegistryError)
  {
    switch version {
    case .number(let number): self.number = number
    case .other(let text): originVersion = text
    case nil: break
    }
    guard let id else { return }
    let text = id.afterPrefix("adapters/") ?? id
    if let named = try? VersionID(parsing: text) {
      adapter = named.adapter
      guard version == nil || version == .number(named.number) else {
        throw document.problem("model_id", "is \(id.quoted), and its version is another")
      }
      number = named.number
    } else if let (name, rest) = text.splitOnce(at: UInt8(ascii: "/")), let originVersion,
      (rest.afterPrefix("v") ?? rest) == (originVersion.afterPrefix("v") ?? originVersion)
    {
      adapter = try? AdapterName(parsing: name)
    } else {
      adapter = try? AdapterName(parsing: text)
    }
  }
}

extension ImportLayout {
  /// The document whose bytes are kept as the original manifest.
  var manifestName: String? { self == .ota ? ImportLayout.plan02.mark : mark }
}
