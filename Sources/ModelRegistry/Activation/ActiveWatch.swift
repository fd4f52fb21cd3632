import DurableFiles
public import RegistryModel
import Synchronization

/// What runs, for whoever asks often: two looks at links tell whether it is what it was, and only a change is read.
public final class ActiveWatch: Sendable {
  /// The state, and a number that another state has another of.
  public struct Reading: Sendable {
    public let state: ActiveState
    public let revision: UInt64
  }

  fileprivate struct Known {
    let link: FileStatus
    /// The generation's folder.
    let folder: Directory
    let trial: FileStatus?
    let reading: Reading
  }

  /// The store's folder, and which one that is: another one may take its place.
  private struct State {
    let identity: FileIdentity
    let directory: Directory
    var known: Known?
  }

  private static let tries = 100

  private let root: String
  /// Held for a glance only: those who find nothing changed don't wait for each other.
  private let state = Mutex<State?>(nil)
  /// Held by whoever reads it anew, so that the others don't read the same.
  private let renewal = Mutex(())
  private let revisions = Atomic<UInt64>(0)

  public init(root: String) { self.root = root }

  /// As ``ActiveState/read(_:)``, from memory where nothing changed.
  public func read() throws(RegistryError) -> Reading {
    try reporting("read the active set") {
      if let reading = try unchanged() { return reading }
      return try renewal.withLock { _ in
        if let reading = try unchanged() { return reading }
        for _ in 0..<Self.tries {
          if let found = try look() {
            state.withLock { $0 = found.state }
            return found.reading
          }
        }
        throw RegistryError(.busy, "the active generation of \(root) keeps changing", hint: "try again")
      }
    }
  }

  private func unchanged() throws -> Reading? {
    guard let state = state.withLock(\.self), let known = state.known,
      state.identity == FileIdentity(at: root), try known.holds(in: state.directory)
    else { return nil }
    return known.reading
  }

  /// The links are looked at before the state is read and after: nil where another state came in between.
  private func look() throws -> (state: State, reading: Reading)? {
    let directory = try Directory.open(root)
    let identity = FileIdentity(at: root)
    let link = try directory.status(GenerationStore.linkName)
    let active = try ActiveState.read(root)  // where nothing is active, this says so
    guard let identity, let link else { return nil }
    guard let folder = try Self.folder(of: active.generation, in: directory) else { return nil }
    let trial = try folder.status(GenerationStore.trialName)
    let reading = Reading(state: active, revision: revisions.add(1, ordering: .relaxed).newValue)
    let known = Known(link: link, folder: folder, trial: trial, reading: reading)
    guard (trial == nil) == (active.state == .confirmed), try known.holds(in: directory),
      FileIdentity(at: root) == identity
    else { return nil }
    return (State(identity: identity, directory: directory, known: known), reading)
  }

  /// Nil where it was collected meanwhile, as another one is active.
  private static func folder(of generation: Int, in directory: Directory) throws -> Directory? {
    do {
      return try directory.directory(GenerationStore.linkText(generation))
    } catch  where error.isMissing {
      return nil
    }
  }
}

extension ActiveWatch.Known {
  fileprivate func holds(in directory: Directory) throws -> Bool {
    guard let now = try directory.status(GenerationStore.linkName), now.inode == link.inode,
      now.changedNanoseconds == link.changedNanoseconds
    else { return false }
    // Without a trial it could be the folder itself that is gone.
    guard let mark = try folder.status(GenerationStore.trialName) else {
      return try trial == nil && folder.ownStatus().linkCount > 0
    }
    return mark.inode == trial?.inode
  }
}
