import DurableFiles
public import RegistryModel

/// One screen: what runs, the trial, the disk, and what is wrong.
public struct StoreStatus: Hashable, Sendable {
  public let root: String
  public let active: ActiveState?
  public let attemptsLeft: Int?
  public let fallback: Int?
  /// This and the three below are nil where the index, which counts them, can't be read.
  public let versions: Int64?
  public let installed: Int64?
  public let blobs: Int64?
  public let blobBytes: Int64?
  public let freeBytes: Int64
  public let reserveArmed: Bool
  public let pins: [VersionID]
  public let blockedDigests: Int
  /// Nil where none is set, or where the index can't be read.
  public let remote: RemoteState?
  /// How far the scrub has come; nil where the index can't be read.
  public let scrub: ScrubState?
  /// Sentences, each with what to do.
  public let problems: [String]
}

extension Registry {
  public func status() throws(RegistryError) -> StoreStatus {
    try reporting("read the status") {
      let view = try switchView()
      var problems = (indexProblem ?? viewProblem).map { ["\($0.message); \($0.hint)"] } ?? []
      problems += try marks.problems()
      problems += tokenProblems()
      let active = try activeState(&problems)
      let trial = try view.active.flatMap { number in
        view.isOnTrial ? try indexIfReadable?.read { try $0.trial(of: number) } : nil
      }
      let totals = try indexIfReadable?.read { try $0.totals() }
      problems += try damageProblems(view)
      problems += unsettledProblems(view)
      let remote = remoteState(&problems)
      return StoreStatus(
        root: root, active: active, attemptsLeft: trial?.attemptsLeft, fallback: view.rollbackTarget,
        versions: totals?.versions, installed: totals?.installed, blobs: totals?.blobs,
        blobBytes: totals?.bytes,
        freeBytes: try store.root.freeSpace().bytes, reserveArmed: store.reserve.isArmed,
        pins: try marks.pins().sorted(), blockedDigests: view.blocked.count,
        remote: remote, scrub: indexIfReadable.flatMap { try? $0.read { try $0.scrubState() } },
        problems: problems)
    }
  }

  private func activeState(_ problems: inout [String]) throws -> ActiveState? {
    do {
      return try ActiveState.read(root)
    } catch {
      if error.code != .notFound { problems.append("\(error.message); \(error.hint)") }
      return nil
    }
  }

  /// What is wrong with the remote's mark is a problem beside others, and hides none of them.
  private func remoteState(_ problems: inout [String]) -> RemoteState? {
    guard indexProblem == nil else { return nil }
    do {
      let state = try remote()
      problems += state?.problems ?? []
      return state
    } catch {
      problems.append("\(error.message); \(error.hint)")
      return nil
    }
  }

  private func unsettledProblems(_ view: SwitchView) -> [String] {
    var problems: [String] = []
    if view.isOnTrial, view.rollbackTarget == nil {
      problems.append("the trial has nothing to go back to; confirm it, or activate another version")
    }
    if view.active != nil, !view.isOnTrial, view.activeGeneration?.isComplete == false {
      problems.append("a version of the active generation is missing or damaged; \(wayOut(view))")
    }
    return problems
  }

  private func damageProblems(_ view: SwitchView) throws -> [String] {
    guard let index = indexIfReadable else { return [] }
    return try index.read { try $0.damagedBlobs() }.map { blob in
      let holders = try index.read { try $0.versions(with: blob.digest) }.map(\.version.description)
      let names = holders.isEmpty ? "no version" : holders.joined(separator: ", ")
      return "blob \(blob.digest.short) is damaged (\(names)); publish the same files again to repair it"
    }
  }

  private func wayOut(_ view: SwitchView) -> String {
    view.rollbackTarget.map { "`modelctl rollback` goes to generation \($0)" } ?? "activate another version"
  }
}
