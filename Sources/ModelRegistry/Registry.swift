import DurableFiles
package import RegistryModel

/// A store of versions on this machine: publish, install, activate on trial, roll back.
///
/// One process per command or one long-lived service, in any number at a time: the store's locks keep them apart.
/// Every verb is synchronous and returns when its effect is durable; every error is a `RegistryError` that says
/// what is unchanged. Verbs block on the disk: call them from a thread of your own, not from Swift's pool.
///
/// ```swift
/// let registry = try Registry.open("/var/lib/modelctl")
/// let published = try registry.publish(PublishRequest(adapter: try AdapterName(parsing: "robot_001"), paths: ["out/"]))
/// try registry.activate([.version(published.version)])
/// ```
public final class Registry: Sendable {
  let store: Store
  let configuration: Configuration
  let clock: MachineClock
  /// Who asks, as the audit records it.
  let caller: String
  let isReadOnly: Bool
  let remoteOpener: RemoteOpener?
  private let indexState: IndexState
  /// Held shared for as long as this object lives.
  private let openLock: FileLock?
  /// The file of the index that this object has open; nil where it has none.
  private let indexFile: FileIdentity?

  private enum IndexState: Sendable {
    case open(Index)
    case lost(RegistryError)
  }

  init(store: Store, options: OpenOptions, readOnly: Bool, openLock: FileLock?) throws {
    self.store = store
    self.configuration = options.configuration
    self.clock = options.clock
    self.caller = options.caller
    self.isReadOnly = readOnly
    self.openLock = openLock
    self.remoteOpener = options.remoteOpener
    // Looked at first: one that is put in its place meanwhile is another.
    indexFile = FileIdentity(at: store.indexPath)
    do {
      indexState = .open(try Self.openIndex(store, options, readOnly: readOnly))
    } catch let error as RegistryError where options.acceptsLostIndex {
      indexState = .lost(error)
    }
  }

  /// Without the index, as another process is replacing it.
  init(store: Store, options: OpenOptions, lost error: RegistryError) {
    self.store = store
    self.configuration = options.configuration
    self.clock = options.clock
    self.caller = options.caller
    self.isReadOnly = false
    self.openLock = nil
    self.remoteOpener = options.remoteOpener
    indexFile = nil
    indexState = .lost(error)
  }

  /// Every failure is a `RegistryError`, so that the way back works without an index whatever the reason.
  private static func openIndex(_ store: Store, _ options: OpenOptions, readOnly: Bool) throws -> Index {
    try reporting("open the index", unchanged: Index.filesAreSafe) {
      let index = try Index.open(at: store.indexPath, readOnly: readOnly)
      if !readOnly {
        let bootID = options.clock.moment().bootID
        let note = LogNote(root: store.root, locks: store.locks, bootID: bootID)
        try note.makeDurable(index.logState())
        index.whenCommitted { state in note.commitReturned(state) }
        try BootNote(store: store).check(index, bootID: bootID)
        try GenerationStore(store: store).requireCurrent(index)
      }
      return index
    }
  }

  /// The store's folder, as it was named.
  public var root: String { store.path }

  var blobs: BlobStore { BlobStore(store: store) }
  var trees: TreeStore { TreeStore(store: store) }
  var marks: MarkStore { MarkStore(store: store) }
  var generations: GenerationStore { GenerationStore(store: store) }

  /// The index; an `integrity` error where it is lost and the verb can't do without it.
  func index() throws -> Index {
    switch indexState {
    case .open(let index): return index
    case .lost(let error): throw error
    }
  }

  /// The index for verbs that work without it.
  var indexIfReadable: Index? {
    if case .open(let index) = indexState { index } else { nil }
  }

  /// Why there is no index; nil when there is one. A registry without one is of use for the way back only, and keeps
  /// others from making the index again for as long as it lives.
  package var indexProblem: RegistryError? {
    if case .lost(let error) = indexState { error } else { nil }
  }

  /// Whether another file is in the place of the index that this object has open, or another store in the place of its
  /// folder: what it reads is of the past then, and it is to be opened again. Costs one look at a name.
  ///
  /// An index whose content was replaced in its file is no other file, and is read as it is now.
  public func isStale() -> Bool { FileIdentity(at: store.indexPath) != indexFile }

  /// How many times this process had the disk flush for its files; SQLite's own flushes are not among them.
  public static var flushes: Int { Flushes.count }

  /// How long a lock may be waited for, in milliseconds.
  var patience: Int64 { configuration.waitMilliseconds }
}

/// How a store is opened.
public struct OpenOptions: Sendable {
  public var configuration: Configuration
  public var clock: MachineClock
  /// Who asks; the audit keeps it.
  public var caller: String
  /// Whether to go on without an index that is missing or damaged, as `boot` and `rollback` must.
  public var acceptsLostIndex: Bool
  /// Opens buckets; nil: only directories are remotes.
  public var remoteOpener: RemoteOpener?

  public init(
    configuration: Configuration = Configuration(), clock: MachineClock = .system,
    caller: String = Account.current, acceptsLostIndex: Bool = false, remoteOpener: RemoteOpener? = nil
  ) {
    self.configuration = configuration
    self.clock = clock
    self.caller = caller
    self.acceptsLostIndex = acceptsLostIndex
    self.remoteOpener = remoteOpener
  }
}
