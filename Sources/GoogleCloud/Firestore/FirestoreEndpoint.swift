public import RegistryModel

/// The server that speaks Firestore's JSON interface, and a database of it.
public struct FirestoreEndpoint: Sendable {
  /// What the one database is called that a project has unless somebody makes others.
  public static let defaultDatabase = "(default)"

  /// `projects/PROJECT/databases/DATABASE/documents`: what the names of documents begin with.
  package let root: String
  private let base: String
  /// Whether `FIRESTORE_EMULATOR_HOST` names it; no token is ever sent there.
  public let isEmulator: Bool

  /// Google's, or what `FIRESTORE_EMULATOR_HOST` names, `HOST:PORT`.
  ///
  /// - Throws: `usage` where that is no address, or the database's name is none.
  public init(
    _ project: ProjectID, database: String = defaultDatabase, environment: [String: String]
  ) throws(RegistryError) {
    let emulator = environment["FIRESTORE_EMULATOR_HOST"] ?? ""
    let text = emulator.contains("://") ? emulator : "http://\(emulator)"
    do {
      try self.init(
        project, database: database, base: emulator.isEmpty ? "https://firestore.googleapis.com" : text,
        isEmulator: !emulator.isEmpty)
    } catch  where !emulator.isEmpty && Self.isDatabase(database) {
      throw RegistryError(.usage, "FIRESTORE_EMULATOR_HOST is no address", hint: "write it as HOST:PORT")
    }
  }

  /// - Throws: `usage` where it is no address, or one of a server elsewhere without https that isn't an emulator.
  package init(
    _ project: ProjectID, database: String = defaultDatabase, base: String, isEmulator: Bool
  ) throws(RegistryError) {
    guard Self.isDatabase(database) else {
      throw RegistryError(
        .usage, "\(database.quoted) is no database of Firestore",
        hint: "leave it out for \(Self.defaultDatabase), or write a name of a-z, 0-9 and -")
    }
    self.base = String(base.hasSuffix("/") ? base.dropLast() : base[...])
    self.isEmulator = isEmulator
    root = "projects/\(project)/databases/\(database)/documents"
    let address = try HTTPAddress(parsing: self.base)
    guard isEmulator || address.isPrivate else {
      throw RegistryError(.usage, "\(address) isn't https", hint: "tokens are never sent in the clear")
    }
  }

  /// A call upon all documents, such as `commit`.
  func call(_ verb: String) throws(RegistryError) -> HTTPAddress {
    try HTTPAddress(parsing: "\(base)/v1/\(root):\(verb)")
  }

  private static func isDatabase(_ name: String) -> Bool {
    name == defaultDatabase
      || 1...63 ~= name.utf8.count
        && name.utf8.allSatisfy { (97...122).contains($0) || $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
  }
}
