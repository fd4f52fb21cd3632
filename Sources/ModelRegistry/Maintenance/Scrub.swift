import DurableFiles
import RegistryModel

/// One run of `scrub`: reads blobs in the order of their digests from where the last run stopped, each with its manifest's
/// name and the entries of trees that hold its bytes in inodes of their own; at the end of a pass generations, and trees
/// that were damaged.
///
/// What it finds is written down with how far it came, in parts of 256 MiB or 10,000 blobs: what a power cut takes is read
/// again, and a transaction stays small. A blob is read whole or again, as the state of a digest isn't kept.
struct Scrub {
  static let partBytes: Int64 = 256 << 20
  private static let partBlobs = 10_000
  private static let pageSize = 100

  let registry: Registry
  let index: Index
  let budget: ScrubBudget
  let meter: ProgressMeter
  let pace: Pace?

  func run() throws -> ScrubResult {
    var (pass, state) = try index.read { (try $0.scrubPass(), try $0.scrubState()) }
    if pass.startedAt == nil { pass = ScrubPass(startedAt: registry.clock.now()) }
    var result = ScrubResult(state: state)
    try meter.begin(state.totalBytes)
    try meter.reach(pass.bytes)
    while !result.isFinished, result.checkedBytes < budget.bytes ?? .max { try part(&pass, &result) }
    state = try index.read { try $0.scrubState() }
    result.state = state
    return result
  }

  /// Reads a part and writes down what came of it; so it does when it is stopped.
  private func part(_ pass: inout ScrubPass, _ result: inout ScrubResult) throws {
    var check = Verification(registry: registry, index: index, meter: meter)
    check.pace = pace
    try check.begin()
    var next = pass
    let left = budget.bytes.map { $0 - result.checkedBytes } ?? .max
    let outcome = Result { try read(min(Self.partBytes, left), &check, &next) }
    let isFinished = (try? outcome.get()) == true
    guard isFinished || next.cursor != pass.cursor else {
      _ = try outcome.get()
      return
    }
    try check.dropChanged()
    next.damaged += check.result.damaged.count
    try check.record { [next] transaction in
      try isFinished
        ? transaction.finishScrub(next, at: registry.clock.now()) : transaction.setScrub(next)
    }
    pass = next
    result.add(check.result)
    result.isFinished = try outcome.get()
  }

  /// Whether it came to the end of the pass.
  private func read(_ most: Int64, _ check: inout Verification, _ pass: inout ScrubPass) throws -> Bool {
    while true {
      let page = try index.read { try $0.blobs(after: pass.cursor, limit: Self.pageSize) }
      guard !page.isEmpty else { break }
      for blob in page {
        try check.check(blob)
        try check.checkEntries(of: blob.digest)
        if let record = try index.read({ try $0.version(digest: blob.digest) }) {
          try check.checkManifestName(record)
        }
        pass.cursor = blob.digest
        pass.bytes += blob.bytes
        try meter.reach(pass.bytes)
        if check.result.checkedBytes >= most || check.result.checkedBlobs >= Self.partBlobs { return false }
      }
    }
    // Read as a whole, so that one that is good again can be said to be. Those of earlier parts are in the index.
    for record in try suspects(check) { try check.checkTree(record, full: true) }
    try check.checkGenerations()
    return true
  }

  private func suspects(_ check: Verification) throws -> [VersionRecord] {
    try index.read { transaction in
      let known = try transaction.damagedTrees()
      let found = try check.badTrees.subtracting(known.map(\.id)).sorted()
        .compactMap { try transaction.version(id: $0) }.filter(\.isInstalled)
      return known + found
    }
  }
}

/// The pass of a scrub that is under way.
struct ScrubPass: Hashable, Sendable {
  var startedAt: Timestamp?
  /// The blob that was read last.
  var cursor: Digest?
  var bytes: Int64 = 0
  var damaged = 0
}
