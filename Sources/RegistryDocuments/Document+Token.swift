package import ModelRegistry
package import RegistryModel

/// The JSON of tokens.
extension Document {
  /// Without the secret, which nobody has.
  package static func token(_ record: TokenRecord, at now: Timestamp) -> JSONValue {
    .object(fields(record, at: now))
  }

  /// With the secret: said this once.
  package static func token(_ token: NewToken) -> JSONValue {
    .object(fields(token.record, at: token.record.createdAt).merging(["token": .string(token.secret)]) { $1 })
  }

  private static func fields(_ record: TokenRecord, at now: Timestamp) -> [String: JSONValue] {
    [
      "name": .string(record.name.text), "scopes": .array(record.scopes.words.map(JSONValue.string)),
      "state": .string(record.state(at: now).rawValue), "created_at": .string(record.createdAt.description),
      "created_by": .string(record.createdBy), "expires_at": .orNull(record.expiresAt?.description),
      "revoked_at": .orNull(record.revoked?.at.description), "revoked_by": .orNull(record.revoked?.by),
    ]
  }
}
