import ModelRegistry
package import RegistryModel

/// Who asks, and what they may.
package struct Caller: Hashable, Sendable {
  package enum Way: Hashable, Sendable {
    /// Somebody on this machine, while no token was ever made.
    case local
    case token(String)
    /// Somebody who signed in to the page with a token.
    case session(token: String)
    /// A process on this machine, by the control socket: its user, and whether that is the store's owner or root.
    case socket(uid: UInt32, isOwner: Bool)
    /// Nobody that is known.
    case stranger
  }

  package let way: Way
  package let scopes: Set<TokenScope>

  package init(_ way: Way, scopes: Set<TokenScope>) {
    self.way = way
    self.scopes = scopes
  }

  package static let stranger = Caller(.stranger, scopes: [])
  /// Nobody can change anything this way: no name would stand in the audit.
  package static let local = Caller(.local, scopes: [.read])

  package func may(_ access: Access) -> Bool {
    switch access {
    case .open: return true
    case .scope(let scope): return scopes.covers(scope)
    case .work: return scopes.covers(.operate) || scopes.covers(.train)
    case .runtime:
      if case .socket = way { return true }
      return scopes.covers(.operate)
    }
  }

  /// As the audit and the log name them.
  package var name: String {
    switch way {
    case .local: "local"
    case .token(let name): "token:\(name)"
    case .session(let name): "page:\(name)"
    case .socket(let uid, _): Account.name(of: uid)
    case .stranger: "stranger"
    }
  }
}
