import RegistryModel

/// A plan with everything that was open in it.
final class ImportDraft: Sendable {
  let plan: ImportPlan
  let adapter: AdapterName
  /// Nil: the next one.
  let number: Int?
  /// The digest of what the version says, whatever its number and time: equal means the same thing again.
  let content: Digest
  /// Every blob that the version needs: its files, and the original manifest.
  let digests: Set<Digest>
  private let manifest: Manifest

  init(_ plan: ImportPlan, _ request: ImportRequest, madeAt now: Timestamp) throws {
    guard let adapter = request.adapter ?? plan.adapter else {
      let what = plan.location.isEmpty ? request.path : plan.location
      throw RegistryError(
        .usage, "nothing says which adapter \(what.quoted) is a version of", unchanged: "no version was made",
        hint: "name it: modelctl import PATH --as ADAPTER")
    }
    self.plan = plan
    self.adapter = adapter
    number = request.number ?? plan.number
    let job = try plan.jobID.map { id in
      Manifest.JobReference(
        id: id, configDigest: try plan.jobConfiguration.map { try Digest.sha256(of: $0) })
    }
    manifest = try Manifest(
      adapter: adapter, number: number ?? 1, createdAt: plan.createdAt ?? now, modelType: plan.modelType,
      framework: plan.framework, files: plan.files, job: job, metrics: plan.metrics,
      origin: plan.document.map {
        Manifest.Origin(layout: plan.layout.rawValue, manifest: $0, version: plan.originVersion)
      })
    content = try Digest.sha256(of: manifest.contentBytes)
    digests = Set(plan.files.map(\.digest) + [plan.document].compactMap(\.self))
  }

  func manifest(number: Int) throws(RegistryError) -> Manifest { try manifest.numbered(number) }

  /// Refuses other content under a name that was imported before.
  func requireSameOrigin(_ manifest: Manifest, _ transaction: Transaction) throws {
    guard let name = plan.originVersion, plan.layout.namesVersions,
      let taken = try transaction.version(of: adapter, origin: name),
      try transaction.version(of: adapter, content: content) == nil
    else { return }
    throw RegistryError(
      .refused,
      "\(adapter)/\(name) was imported before as \(taken.version), \(taken.digest.short), and this is other content, "
        + "\(try Digest.sha256(of: manifest.canonicalBytes).short)",
      unchanged: "no version was made", hint: "give a number with --version if both are meant")
  }
}
