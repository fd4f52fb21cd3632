import DurableFiles
import RegistryModel

/// Makes an index agree with the files beside it: what they have and it lacks is added, what it promises and they
/// lack is taken back. Changes nothing but that index, and links of manifests that a generation or a row still names.
///
/// The caller holds `content` and `names` exclusively, so that no version, mark or generation is made meanwhile.
/// Every transaction leaves the index as true as it was or truer; interrupted, the next run goes on.
///
/// What a file can't say is not invented: see docs/format.md, "Rebuild and restore".
struct Reconciliation {
  let store: Store
  let index: Index
  let options: OpenOptions
  var result: RebuildResult

  var blobs: BlobStore { BlobStore(store: store) }
  var trees: TreeStore { TreeStore(store: store) }
  var marks: MarkStore { MarkStore(store: store) }
  var generations: GenerationStore { GenerationStore(store: store) }

  init(store: Store, index: Index, options: OpenOptions, base: RebuildResult.Base) {
    self.store = store
    self.index = index
    self.options = options
    result = RebuildResult(base: base)
  }

  /// Everything but the switch.
  mutating func content() throws {
    try flushNames()
    try relinkManifests()
    try addVersions()
    try checkVersions()
    try addBlobs()
    try checkBlobs()
    try addMarks()
  }

  /// What is recorded must be durable: whoever made a name may have died before that.
  private func flushNames() throws {
    for folder in try store.blobs.entries() where folder.kind == .directory {
      try store.blobs.directory(folder.name).sync()
    }
    for folder in [store.blobs, store.manifests, store.versions, store.generations] { try folder.sync() }
    let parent = try store.root.directory("marks")
    for entry in try parent.entries() where entry.kind == .directory {
      try parent.directory(entry.name).sync()
    }
    try parent.sync()
  }

  /// How many files one transaction is about.
  static let batch = 500

  mutating func problem(_ text: String) {
    // A store that is badly broken says so in a page, not in a million lines.
    if result.problems.count < 100 { result.problems.append(text) }
  }
}
