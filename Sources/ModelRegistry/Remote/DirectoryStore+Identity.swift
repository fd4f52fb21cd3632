import DurableFiles
import RegistryModel

// What a directory is, whatever is mounted there: a stick that isn't plugged in leaves its mount point behind, an empty
// directory that would take every push and answer every sync. `.modelregistry` in the root is made once, create-only, by
// whoever sets the directory as his remote first.

extension DirectoryStore {
  private static let identityName = ".modelregistry"
  private static let identityBytes = 64

  /// The directory's own name for itself, 32 hexadecimal digits. Nil where it has none; where it is asked to make one,
  /// only if nobody may write there.
  func identity(making: Bool) throws(RegistryError) -> String? {
    try asking("read the identity") { () -> String? in
      if let known = try readIdentity() { return known }
      guard making else { return nil }
      do {
        let file = try root.createFile(mode: 0o644)
        let text = (0..<2).map { _ in Self.hex(UInt64.random(in: .min ... .max)) }.joined() + "\n"
        try Array(text.utf8).withUnsafeBytes { try file.write($0) }
        try file.sync()
        _ = try file.link(as: Self.identityName, in: root)
        try root.sync()
      } catch let error as FileError {
        guard error.isPermission || error.isReadOnly else { throw error }
        return nil
      }
      return try readIdentity()
    }
  }

  private func readIdentity() throws -> String? {
    guard try root.status(Self.identityName)?.kind == .file else { return nil }
    let text = String(
      decoding: try root.readSmallFile(Self.identityName, limit: Self.identityBytes), as: UTF8.self)
    let hex = text.prefix { $0.isHexDigit }
    guard hex.utf8.count == 32 else {
      throw RegistryError(
        .remote, "\(Self.identityName) in \(uri) says nothing", hint: "remove it, and set the remote again")
    }
    return String(hex)
  }

  private static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
