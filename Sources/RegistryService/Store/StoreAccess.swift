package import ModelRegistry
package import RegistryModel
import Synchronization

/// The store, opened for what a request needs and no longer.
///
/// Reading keeps a few readers open, which hold no lock. Changing opens the store for its owner each time and closes it
/// when it is done: an open store holds a lock that whoever rebuilds the index, restores it or brings its schema up to date
/// waits for.
package final class StoreAccess: Sendable {
  private static let idleReaders = 4

  package let root: String
  private let settings: OpenOptions
  private let readers = Mutex<[Registry]>([])

  package init(root: String, settings: OpenOptions) {
    self.root = root
    self.settings = settings
  }

  package var configuration: Configuration { settings.configuration }
  package var clock: MachineClock { settings.clock }
  /// What this machine is called; no store is opened for it.
  package var robotName: RobotName { configuration.robotName }

  /// Runs `body` with a store that can be read, without the index where that is lost.
  package func reading<T>(_ body: (Registry) throws -> T) throws -> T {
    let registry = try reader()
    let result = try body(registry)
    // One that found no index is not kept: there may be one next time.
    guard registry.indexProblem == nil else { return result }
    readers.withLock { readers in
      if readers.count < Self.idleReaders { readers.append(registry) }
    }
    return result
  }

  private func reader() throws -> Registry {
    while let registry = readers.withLock({ $0.popLast() }) {
      if !registry.isStale() { return registry }
    }
    var settings = settings
    settings.acceptsLostIndex = true
    return try Registry.openForReading(root, settings)
  }

  /// Says what to load, also where nothing can be written.
  package func boot(as caller: String, generation: Int?) throws -> BootResult {
    var settings = settings
    settings.caller = caller
    return try Registry.boot(root, generation: generation, settings)
  }

  /// Runs `body` with a store that can be changed; the audit names `caller`.
  ///
  /// - Parameter isWayBack: whether it must go without an index, too.
  package func changing<T>(
    as caller: String, isWayBack: Bool = false, _ body: (Registry) throws -> T
  ) throws -> T {
    var settings = settings
    settings.caller = caller
    settings.acceptsLostIndex = isWayBack
    let registry = try Registry.open(root, settings)
    let result = try body(registry)
    registry.tidy()
    return result
  }
}
