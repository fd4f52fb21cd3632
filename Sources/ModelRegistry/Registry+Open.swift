import DurableFiles
public import RegistryModel

extension Registry {
  /// Opens the store for its owner: finishes what was interrupted, then is ready to change it.
  ///
  /// - Throws: `notFound` when there is no store; `permission` when somebody else owns it; `refused` for a newer
  ///   schema; `integrity` when the index is lost, unless ``OpenOptions/acceptsLostIndex``.
  public static func open(
    _ root: String, _ options: OpenOptions = OpenOptions()
  ) throws(RegistryError) -> Registry {
    try reporting("open the store \(root)") {
      let store = try find(root)
      try store.requireOwner()
      let lock: FileLock?
      do {
        // The way back doesn't wait for whoever makes the index again: it goes without one.
        lock = try StoreLock.open.acquire(
          store, .shared,
          waitingAtMost: options.acceptsLostIndex ? 0 : options.configuration.waitMilliseconds)
      } catch let error as RegistryError where error.code == .busy && options.acceptsLostIndex {
        return Registry(store: store, options: options, lost: error)
      }
      let registry = try Registry(store: store, options: options, readOnly: false, openLock: lock)
      do {
        try registry.recover()
      } catch  where options.acceptsLostIndex {
        // The way back doesn't depend on what recovery can do: the next opening tries again.
      }
      return registry
    }
  }

  /// Opens the store to read it, as any user: takes no lock and changes nothing.
  ///
  /// - Throws: `permission` where the index's files don't let this user read them.
  public static func openForReading(
    _ root: String, _ options: OpenOptions = OpenOptions()
  ) throws(RegistryError) -> Registry {
    try reporting("read the store \(root)") {
      try Registry(store: find(root), options: options, readOnly: true, openLock: nil)
    }
  }

  /// Makes a store at `root`, or completes one whose making was interrupted; one that is there is left as it is.
  ///
  /// Probes what a store needs of its file system, and refuses FAT, exFAT and NFS with the reason. Durable when
  /// it returns.
  public static func create(
    _ root: String, _ options: OpenOptions = OpenOptions()
  ) throws(RegistryError) -> Registry {
    try reporting("make a store at \(root)", unchanged: "no store was made") {
      try StoreMaker(root: root, options: options).make()
    }
    return try open(root, options)
  }

  /// Whether a store is at `root`, complete or not.
  public static func exists(at root: String) -> Bool {
    guard let directory = try? Directory.open(root) else { return false }
    return ((try? directory.status("generations")) ?? nil) != nil
  }

  static func find(_ root: String) throws -> Store {
    do {
      return try Store(Directory.open(root))
    } catch let error as FileError where error.isMissing {
      throw RegistryError(
        .notFound, "there is no store at \(root)",
        hint: "name it with --root, or make it with `modelctl init`")
    }
  }
}
