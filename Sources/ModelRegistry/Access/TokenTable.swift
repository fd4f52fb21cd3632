import DurableFiles
import Glibc
public import RegistryModel
import Synchronization

/// The tokens of a store for a service that is asked thousands of times a second: who is it that sends this one?
///
/// Takes no lock, needs no index, and never writes. The files are read again whenever their folder has changed, which
/// each call looks up, so a revocation counts for the next request. Damaged and foreign files grant nothing. Calls block
/// on the disk where the folder has changed; safe to share between threads.
public final class TokenTable: Sendable {
  private let path: String
  /// Held for a glance only: those who find nothing changed don't wait for each other.
  private let cache = Mutex<Cache?>(nil)
  /// Held by whoever reads the files anew, so that the others don't read the same.
  private let renewal = Mutex(())
  /// The clock that file systems take their times from.
  private let wallNanoseconds: @Sendable () -> Int64

  private struct Cache {
    /// What tells this state of the folder from every other; nil where there is no folder.
    let stamp: Stamp?
    /// False while the folder could change again without its times showing it.
    let isSettled: Bool
    /// The store's folder, and which one that is: another one may take its place.
    let root: Directory
    let identity: FileIdentity
    let tokens: [TokenRecord]
    let isUnused: Bool
  }

  private struct Stamp: Hashable {
    let device: UInt64
    let inode: UInt64
    let modifiedNanoseconds: Int64
    let changedNanoseconds: Int64
  }

  /// How old a folder's times must be before its next change surely has others: file systems count in steps, the
  /// coarsest (FAT aside, which holds no store) in seconds.
  private static let stepNanoseconds: Int64 = 2_000_000_000

  /// The table of the store at `root`; reads no token yet.
  ///
  /// - Throws: `notFound` where there is no such folder.
  public convenience init(_ root: String) throws(RegistryError) {
    try self.init(root) {
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
  }

  init(_ root: String, wallNanoseconds: @escaping @Sendable () -> Int64) throws(RegistryError) {
    _ = try reporting("open the tokens of \(root)") { try Directory.open(root) }
    path = root
    self.wallNanoseconds = wallNanoseconds
  }

  /// The token that this is the secret of, if it is usable now; nil for everything else.
  ///
  /// How long it takes tells how many tokens there are, and nothing about which of them is nearly right.
  /// - Throws: `permission` or `failed` where the folder can't be read: then nobody is let in.
  public func authenticate(_ secret: String, at now: Timestamp) throws(RegistryError) -> TokenRecord? {
    let tokens = try current().tokens
    guard let secret = TokenSecret(parsing: secret) else { return nil }
    let hash = try reporting("look at a token") { try Digest.sha256(of: Array(secret.text.utf8)) }
    var matches: UInt64 = 0
    var position: UInt64 = 0
    for (index, token) in tokens.enumerated() {
      let isSame = token.hash.sameness(as: hash)
      matches &+= isSame
      position |= (0 &- isSame) & UInt64(index)
    }
    // Two files with one digest are a copy that somebody made: neither counts.
    guard matches == 1 else { return nil }
    let token = tokens[Int(position)]
    return token.state(at: now) == .usable ? token : nil
  }

  /// The token of this name, if it is usable now: whether somebody who showed it before may still come in.
  public func usable(_ name: TokenName, at now: Timestamp) throws(RegistryError) -> TokenRecord? {
    try current().tokens.first { $0.name == name && $0.state(at: now) == .usable }
  }

  /// Whether no token is usable at this moment, so that nobody could sign in.
  ///
  /// - Throws: where the folder can't be read.
  public func isEmpty(at now: Timestamp = MachineClock.system.now()) throws(RegistryError) -> Bool {
    try !current().tokens.contains { $0.state(at: now) == .usable }
  }

  /// Whether no token was ever made here. What is let in only where nobody uses tokens asks this: the last token
  /// may expire, be revoked or be damaged, and that must open nothing.
  ///
  /// - Throws: where the folder can't be read.
  public func isUnused() throws(RegistryError) -> Bool { try current().isUnused }

  private func current() throws(RegistryError) -> Cache {
    try reporting("read the tokens", unchanged: "nobody was let in") {
      if let known = try unchanged() { return known }
      return try renewal.withLock { _ in
        if let known = try unchanged() { return known }
        guard let identity = FileIdentity(at: path) else { throw Self.gone(path) }
        let root = try Directory.open(path)
        let read = try read(root, identity, Self.stamp(root))
        cache.withLock { $0 = read }
        return read
      }
    }
  }

  private func unchanged() throws -> Cache? {
    // Before the files: what changes while they are read shows in the next call's stamp.
    guard let identity = FileIdentity(at: path) else { throw Self.gone(path) }
    guard let cache = cache.withLock(\.self), cache.identity == identity, cache.isSettled,
      cache.stamp == (try Self.stamp(cache.root))
    else { return nil }
    return cache
  }

  private static func gone(_ path: String) -> RegistryError {
    RegistryError(
      .notFound, "there is no store at \(path)", unchanged: "nobody was let in",
      hint: "put it back, or start the service with another --root")
  }

  private static func stamp(_ root: Directory) throws(FileError) -> Stamp? {
    guard let status = try root.status(TokenFolder.path) else { return nil }
    return Stamp(
      device: status.device, inode: status.inode, modifiedNanoseconds: status.modifiedNanoseconds,
      changedNanoseconds: status.changedNanoseconds)
  }

  private func read(
    _ root: Directory, _ identity: FileIdentity, _ stamp: Stamp?
  ) throws(FileError) -> Cache {
    guard let stamp, let folder = try TokenFolder.open(in: root) else {
      return Cache(stamp: nil, isSettled: true, root: root, identity: identity, tokens: [], isUnused: true)
    }
    // Also where the clock was set back: the folder's next change has the time that it is then, and so another.
    let age = abs(wallNanoseconds() - max(stamp.modifiedNanoseconds, stamp.changedNanoseconds))
    let content = try folder.read()
    return Cache(
      stamp: stamp, isSettled: age >= Self.stepNanoseconds, root: root, identity: identity,
      tokens: content.tokens,
      isUnused: content.tokens.isEmpty && content.problems.isEmpty)
  }
}
