/// What a bearer token lets its holder do; raw values are stable.
public enum TokenScope: String, Hashable, Sendable, CaseIterable {
  /// To look at everything that other users of the machine may read.
  case read
  /// To change what runs and what is here: publish, install, activate, roll back, collect.
  case operate
  /// To send episodes, and to begin, follow and cancel training jobs.
  case train
  /// All of it, and tokens.
  case admin

  /// Reads a scope.
  ///
  /// - Throws: `usage` for any other word.
  public init(parsing text: String) throws(RegistryError) {
    guard let scope = TokenScope(rawValue: text) else {
      let known = Self.allCases.map(\.rawValue)
      throw RegistryError(
        .usage, "\(text.quoted) is no scope",
        hint: Spelling.nearest(to: text, among: known).map { "did you mean \($0)?" }
          ?? "the scopes are \(known.joined(separator: ", "))")
    }
    self = scope
  }

  /// Whether this scope alone is enough where `needed` is asked for.
  public func covers(_ needed: TokenScope) -> Bool {
    switch (self, needed) {
    case (.admin, _), (.operate, .read), (.train, .read): true
    default: self == needed
    }
  }
}

extension Set<TokenScope> {
  /// Whether one of them is enough where `needed` is asked for; never for a set without a scope.
  public func covers(_ needed: TokenScope) -> Bool { contains { $0.covers(needed) } }

  /// The words, in the order in which documents have them.
  public var words: [String] { map(\.rawValue).sorted() }
}

extension TokenScope: CustomStringConvertible {
  public var description: String { rawValue }
}
