import DurableFiles
public import RegistryModel

extension Registry {
  /// Makes versions of a model in somebody else's layout: a folder, an archive, or a bare file.
  ///
  /// They are installed when this returns, and everything of them is durable, the bytes of the original manifests
  /// included. A refusal concerns all of them; where the machine fails in between, whole versions may stand, and
  /// importing again makes the rest. Equal content to any version of the adapter gives that version.
  ///
  /// - Throws: `integrity` for a digest that is wrong or missing, a placeholder, an unsafe path, a link, or a file that
  ///   nobody vouches for; `refused` where a name has other content already; `usage` where no layout is recognised or
  ///   the adapter is not known; `noSpace`. Nothing of the source is in the store then.
  @discardableResult
  public func importVersions(
    _ request: ImportRequest, progress: ProgressHandler? = nil
  ) throws(RegistryError) -> [PublishResult] {
    try request.check()
    return try reporting("import \(request.path)", unchanged: "no version was made") {
      let meter = ProgressMeter(progress)
      guard request.isRemote else { return try importVersions(request, meter) }
      let operation = try Operation("source", in: store, waitingAtMost: patience, meter: meter)
      defer { operation.finish() }
      var local = request
      local.path = try RemoteSource(registry: self, operation: operation)
        .bring(RemoteURI(parsing: request.path))
      return try importVersions(local, meter)
    }
  }

  private func importVersions(_ request: ImportRequest, _ meter: ProgressMeter) throws -> [PublishResult] {
    do {
      return try importVersions(request, reusing: true, meter)
    } catch is UnusableBlob {
      return try importVersions(request, reusing: false, meter)
    }
  }

  private func importVersions(
    _ request: ImportRequest, reusing: Bool, _ meter: ProgressMeter
  ) throws -> [PublishResult] {
    let index = try index()
    let operation = try Operation("import", in: store, waitingAtMost: patience, meter: meter)
    defer { operation.finish() }
    let intake = ImportIntake(
      registry: self, index: index, operation: operation, reuses: reusing,
      groups: store.root.canSyncFileSystem)
    var staged = try intake.stage(request.path)
    let now = clock.now()
    let (units, marked) = try both({ [staged] in try staged.source.units() }) { [staged] in
      try intake.marked(staged.blobs)
    }
    staged.blobs = marked
    let drafts = try concurrentMap(units) { unit in
      try ImportDraft(unit.plan(), request, madeAt: now)
    }
    if drafts.count == 1, let draft = drafts.first {
      if staged.owesFlush { try store.staging.syncFileSystem() }
      return [try publish(draft, staged, operation, index, isNumberGiven: request.number != nil)]
    }
    guard request.number == nil else {
      throw RegistryError(
        .usage, "\(request.path.quoted) holds \(drafts.count) versions, and one number is given",
        hint: "leave out --version, or import one of its folders")
    }
    return try ImportGroup(registry: self, index: index, operation: operation, drafts: drafts, source: staged)
      .commit()
  }

  private func publish(
    _ draft: ImportDraft, _ source: StagedSource, _ operation: Operation, _ index: Index, isNumberGiven: Bool
  ) throws -> PublishResult {
    let staged = draft.digests.compactMap { source.blobs[$0] }
    let files = Set(draft.plan.files.map(\.digest))
    var publication = Publication(
      registry: self, index: index, operation: operation,
      draft: { number in
        let manifest = try draft.manifest(number: number)
        if !isNumberGiven { try index.read { try draft.requireSameOrigin(manifest, $0) } }
        return manifest
      }, number: draft.number, adapter: draft.adapter, staged: staged,
      reusedBytes: staged.filter { $0.isReused && files.contains($0.digest) }.reduce(0) { $0 + $1.bytes })
    publication.kind = .importVersion
    publication.takenHint = "see both with `modelctl show`, or give another number with --version"
    return try publication.commit()
  }
}
