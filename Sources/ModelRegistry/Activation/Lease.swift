import DurableFiles
public import RegistryModel

/// Keeps a generation and its versions' trees in place while a runtime reads them.
///
/// Holds `flock(LOCK_SH)` on the generation's directory until it is released or the process ends; collection
/// leaves leased generations alone. Any user who can read the store may take one.
public final class Lease: Sendable {
  public let state: ActiveState
  private let directory: Directory

  private init(_ state: ActiveState, _ directory: Directory) {
    self.state = state
    self.directory = directory
  }

  /// Resolves what is active once, and leases it.
  /// - Throws: `notFound` when nothing is active; `busy` when it is switched faster than it can be leased.
  public static func take(_ root: String) throws(RegistryError) -> Lease {
    for _ in 0..<100 {
      let state = try ActiveState.read(root)
      let lease = try reporting("lease generation \(state.generation)") { () -> Lease? in
        guard let directory = try? Directory.open(state.path), directory.leaseShared() else { return nil }
        // It may have been removed between the look and the lease: then the path is another directory, or none.
        let here = try directory.ownStatus()
        let there = try Directory.open(root).status(GenerationStore.linkText(state.generation))
        guard there?.inode == here.inode, there?.device == here.device else { return nil }
        // It may have been left, and its trees removed, in the same moment.
        guard try ActiveState.read(root).generation == state.generation else { return nil }
        return Lease(state, directory)
      }
      if let lease { return lease }
    }
    throw RegistryError(.busy, "the active generation of \(root) keeps changing", hint: "try again")
  }

  /// `ROOT/generations/N`.
  public var path: String { state.path }

  /// The folder of one adapter's files.
  /// - Throws: `notFound` when the active set has no such adapter.
  public func path(of adapter: String) throws(RegistryError) -> String {
    let name = try AdapterName(parsing: adapter)
    guard let path = state.path(of: name) else {
      throw RegistryError(
        .notFound, "no version of \(adapter) is active in generation \(state.generation)",
        hint: "see `modelctl active`")
    }
    return path
  }

  public func release() { directory.unlease() }
}

extension Registry {
  /// Resolves what is active once, and keeps it in place until the lease is released.
  public func leaseActive() throws(RegistryError) -> Lease { try Lease.take(root) }
}
