import DurableFiles
import Glibc
public import RegistryModel

/// A token that was just made. Its secret is here and nowhere else, ever.
public struct NewToken: Sendable {
  /// What its holder sends: `mctl_` and 43 characters.
  public let secret: String
  public let record: TokenRecord
}

extension NewToken: CustomStringConvertible, CustomDebugStringConvertible {
  public var description: String { "token \(record.name)" }
  public var debugDescription: String { description }
}

extension Registry {
  /// Makes a bearer token for the service; durable when it returns (docs/format.md, T1–T3).
  ///
  /// The secret is 32 bytes of the kernel's generator. Only its digest is kept.
  /// - Parameter expiresAt: from when on it is refused, by this machine's clock; nil for a token without an end.
  /// - Throws: `refused` where a token ever had this name; `usage` without a scope, or with an end that has passed.
  public func createToken(
    _ name: TokenName, scopes: Set<TokenScope>, expiresAt: Timestamp? = nil
  ) throws(RegistryError) -> NewToken {
    try reporting("make the token \(name)") {
      let now = clock.now()
      guard !scopes.isEmpty else {
        throw RegistryError(.usage, "the token \(name) would have no scope", hint: "give it one with --scope")
      }
      if let expiresAt, expiresAt <= now {
        throw RegistryError(.usage, "the token \(name) would be expired already", hint: "let it last longer")
      }
      let index = try index()
      let lock = try StoreLock.tokens.acquire(store, .exclusive, waitingAtMost: patience)
      defer { lock.release() }
      let folder = try TokenFolder.make(in: store)
      guard try !folder.has(name) else {
        throw RegistryError(
          .refused, "there is or was a token \(name), and a name never comes again",
          hint: "choose another name")
      }
      let secret = try Self.secret()
      let record = TokenRecord(
        name: name, scopes: scopes, hash: try Digest.sha256(of: Array(secret.text.utf8)), createdAt: now,
        createdBy: caller, expiresAt: expiresAt)
      let file = try folder.stage(record)
      try index.write { transaction in
        try transaction.audit(
          .tokenCreate, name.caller, to: scopes.words.joined(separator: " "),
          reason: expiresAt.map { "until \($0)" }, by: caller, at: now)
      }
      try afterwards(
        "give the token \(name) its file",
        standing: "the audit has a record of a token that nobody has; where it is listed, revoke it"
      ) {
        guard try file.link(as: name.text, in: folder.folder) else {
          throw RegistryError(.refused, "somebody else made a token \(name)", hint: "choose another name")
        }
        try folder.folder.sync()
      }
      return NewToken(secret: secret.text, record: record)
    }
  }

  /// Every token that was made here, by name, revoked and expired ones too. What can't be read isn't among them:
  /// ``tokenProblems()`` names it.
  /// - Throws: `permission` for another user than the store's owner.
  public func tokens() throws(RegistryError) -> [TokenRecord] {
    try reporting("read the tokens") { try TokenFolder.open(in: store.root)?.read().tokens ?? [] }
  }

  /// What is wrong with the files of tokens, in sentences; none for a user who may not look.
  public func tokenProblems() -> [String] {
    guard let owner = try? store.root.ownStatus().owner, geteuid() == owner || geteuid() == 0 else {
      return []
    }
    do throws(FileError) {
      return try TokenFolder.open(in: store.root)?.read().problems ?? []
    } catch {
      return ["no token can be read, so none is accepted: \(error); make private/tokens readable"]
    }
  }

  /// Takes a token back: from then on every request with it is refused. Durable when it returns (T4–T7).
  ///
  /// Revoking twice is fine, and gives the first revocation. Works without an index, as a stolen token doesn't wait: it
  /// throws then, says that the token is revoked, and the next opening with an index records it.
  /// - Throws: `notFound` where no token ever had this name; `integrity` where its file is damaged, which grants nothing.
  @discardableResult
  public func revokeToken(_ name: TokenName) throws(RegistryError) -> TokenRecord {
    try reporting("revoke the token \(name)", unchanged: "the token is as it was") {
      let lock = try StoreLock.tokens.acquire(store, .exclusive, waitingAtMost: patience)
      defer { lock.release() }
      guard let folder = try TokenFolder.open(in: store.root) else {
        throw RegistryError(.notFound, "there is no token \(name)", hint: "see `modelctl token list`")
      }
      let found = try folder.record(name)
      let record = found.revoking(at: clock.now(), by: caller)
      if found.revoked == nil {
        let head = try? indexIfReadable?.read { try $0.auditHead()?.seq }
        try withReserve {
          // Opened anew for the second try: an object whose flush failed is never flushed again.
          let opened = try TokenFolder.open(in: store.root) ?? folder
          try opened.note(name, after: head ?? 0)
          try opened.replace(with: record)
        }
      }
      // Also of an earlier revocation: nobody knows whether whoever made it lived to flush it.
      try afterwards(
        "make that durable", standing: "the token \(name) is revoked, and a power cut may take that back"
      ) {
        try folder.folder.sync()
      }
      try afterwards(
        "record that", standing: "the token \(name) is revoked, and the next command with an index records it"
      ) {
        if try !folder.leftovers().isEmpty { try recordRevocations(in: folder, index()) }
      }
      return record
    }
  }

  /// What recovery does with tokens (V6): removes files that never became one, and records what was revoked without
  /// a record. What another process holds, can't be read, or has no room is left to the next opening.
  func settleTokens(_ index: Index) throws {
    guard let folder = try? TokenFolder.open(in: store.root), let leftovers = try? folder.leftovers(),
      !leftovers.isEmpty, let lock = try StoreLock.tokens.tryAcquire(store, .exclusive)
    else { return }
    defer { lock.release() }
    try folder.folder.sync()
    do {
      try recordRevocations(in: folder, index)
    } catch let error as RegistryError where error.code == .noSpace {}
  }

  /// Finishes what is noted; the caller holds `tokens`, and the folder is flushed.
  private func recordRevocations(in folder: TokenFolder, _ index: Index) throws {
    for leftover in try folder.leftovers() {
      switch leftover {
      case .file(let name): try folder.folder.remove(name)
      case .note(let name, let seq):
        let record: TokenRecord?
        do {
          record = try folder.record(name)
        } catch let error as RegistryError where error.code != .notFound {
          continue  // damaged: `doctor` names it
        } catch is RegistryError {
          record = nil
        }
        if let record, let revoked = record.revoked {
          try withReserve {
            try index.write { transaction in
              guard try !transaction.hasAudit(.tokenRevoke, of: name.caller, after: seq) else { return }
              try transaction.audit(.tokenRevoke, name.caller, by: revoked.by, at: clock.now())
            }
          }
        }
        // The record is durable: what fails here is tried again by the next opening.
        try? folder.forgetNote(name)
      }
    }
  }

  /// 32 bytes of the kernel's generator: Swift's own takes them from getrandom(2), and has no other source on Linux.
  private static func secret() throws -> TokenSecret {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<TokenSecret.byteCount / 8).flatMap { _ in
      withUnsafeBytes(of: generator.next()) { Array($0) }
    }
    guard let secret = TokenSecret(bytes: bytes) else {
      throw RegistryError(.failed, "no random bytes could be had", hint: "look at the kernel's log")
    }
    return secret
  }
}
