/// What a store keeps of a bearer token: everything but the token (docs/format.md, "Token").
///
/// Canonical JSON in `private/tokens/NAME`. It is written once, and once more when the token is revoked.
public struct TokenRecord: Hashable, Sendable {
  public static let schema = "token.v1"
  public static let maximumBytesOfBy = 256

  public let name: TokenName
  /// Never empty.
  public let scopes: Set<TokenScope>
  /// SHA-256 of the token's text.
  public let hash: Digest
  public let createdAt: Timestamp
  public let createdBy: String
  /// From when on it is refused; nil where it has no end.
  public let expiresAt: Timestamp?
  public let revoked: Revocation?

  /// That somebody took the token back, which is final.
  public struct Revocation: Hashable, Sendable {
    public let at: Timestamp
    public let by: String

    public init(at: Timestamp, by: String) {
      self.at = at
      self.by = by.storable(maximumBytes: TokenRecord.maximumBytesOfBy, keepingNewlines: false)
    }
  }

  /// What a token is worth at a moment.
  public enum State: String, Hashable, Sendable { case usable, expired, revoked }

  public init(
    name: TokenName, scopes: Set<TokenScope>, hash: Digest, createdAt: Timestamp, createdBy: String,
    expiresAt: Timestamp?, revoked: Revocation? = nil
  ) {
    self.name = name
    self.scopes = scopes
    self.hash = hash
    self.createdAt = createdAt
    self.createdBy = createdBy.storable(maximumBytes: Self.maximumBytesOfBy, keepingNewlines: false)
    self.expiresAt = expiresAt
    self.revoked = revoked
  }

  /// What the token is worth at this moment.
  ///
  /// One with an end needs a clock that can be right: before it was made it counts as expired, so that a clock that
  /// starts in 1970 doesn't bring it back.
  public func state(at now: Timestamp) -> State {
    guard revoked == nil else { return .revoked }
    guard let expiresAt else { return .usable }
    return createdAt <= now && now < expiresAt ? .usable : .expired
  }

  /// The same token, taken back. A revocation that is there stays as it is.
  public func revoking(at now: Timestamp, by caller: String) -> TokenRecord {
    TokenRecord(
      name: name, scopes: scopes, hash: hash, createdAt: createdAt, createdBy: createdBy,
      expiresAt: expiresAt, revoked: revoked ?? Revocation(at: now, by: caller))
  }
}

extension TokenRecord {
  public var canonicalBytes: [UInt8] {
    JSONValue.object([
      "schema": .string(Self.schema), "name": .string(name.text),
      "scopes": .array(scopes.words.map(JSONValue.string)), "hash": .string(hash.description),
      "created_at": .string(createdAt.description), "created_by": .string(createdBy),
      "expires_at": expiresAt.map { .string($0.description) } ?? .null,
      "revoked_at": revoked.map { .string($0.at.description) } ?? .null,
      "revoked_by": revoked.map { .string($0.by) } ?? .null,
    ]).canonicalBytes
  }

  /// Reads the record.
  ///
  /// - Throws: `integrity` for anything but the canonical bytes of a `token.v1`.
  public init(parsing bytes: [UInt8]) throws(RegistryError) {
    var reader = try JSONReader(try JSONValue(parsing: bytes), context: "token")
    let schema = try reader.required("schema", .string)
    guard schema == Self.schema else { throw reader.problem(with: "schema", "is not \(Self.schema)") }
    let scopes = try reader.required("scopes", elements: .parsed(TokenScope.init(parsing:)))
    guard !scopes.isEmpty else { throw reader.problem(with: "scopes", "is empty") }
    let createdAt = try reader.required("created_at", .timestamp)
    let expiresAt = try reader.nullable("expires_at", .timestamp)
    if let expiresAt, expiresAt <= createdAt {
      throw reader.problem(with: "expires_at", "is not later than created_at")
    }
    let revokedAt = try reader.nullable("revoked_at", .timestamp)
    let revokedBy = try reader.nullable("revoked_by", .string)
    guard (revokedAt == nil) == (revokedBy == nil) else {
      throw reader.problem(with: "revoked_by", "must be there exactly where revoked_at is")
    }
    self.init(
      name: try reader.required("name", .parsed(TokenName.init(parsing:))), scopes: Set(scopes),
      hash: try reader.required("hash", .digest), createdAt: createdAt,
      createdBy: try reader.required("created_by", .string), expiresAt: expiresAt,
      revoked: revokedAt.flatMap { at in revokedBy.map { Revocation(at: at, by: $0) } })
    try reader.finish()
    guard canonicalBytes == bytes else {
      throw reader.problem(with: "schema", "stands in a document that is not canonical or too long")
    }
  }
}
