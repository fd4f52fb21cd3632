package import RegistryModel

/// What proves who asks, for about an hour. A secret: its description doesn't show it.
package struct AccessToken: Sendable {
  package let value: String
  package let expiresAt: Timestamp

  package init(value: String, expiresAt: Timestamp) {
    self.value = value
    self.expiresAt = expiresAt
  }
}

extension AccessToken: CustomStringConvertible, CustomDebugStringConvertible {
  package var description: String { "an access token until \(expiresAt)" }
  package var debugDescription: String { description }
}

/// Where access tokens come from.
package protocol TokenSource: Sendable {
  /// Whose tokens these are, for messages: an e-mail address where it is known.
  var account: String { get }

  /// Gets a new token; retries by itself.
  ///
  /// - Throws: `permission` where the credentials are missing or refused, `remote` where nobody answers.
  func fetch() throws(RegistryError) -> AccessToken
}
