import DurableFiles
import Glibc
import RegistryModel

/// `private/tokens` as it lies on the disk: one file for each token that was ever made, revoked ones too.
///
/// Reading takes no lock and needs no index. Every file appears whole, under its name or over the one before it
/// (docs/format.md, T1–T7); whatever else is there grants nothing and is told as a problem.
struct TokenFolder: Sendable {
  static let path = "private/tokens"
  private static let limitBytes = 16 << 10

  let folder: Directory

  /// What the folder says: tokens by name, and sentences about what can't be read.
  struct Content: Sendable {
    var tokens: [TokenRecord] = []
    var problems: [String] = []
  }

  /// Nil where no token was ever made.
  static func open(in root: Directory) throws(FileError) -> TokenFolder? {
    do throws(FileError) {
      return TokenFolder(folder: try root.directory(path))
    } catch {
      guard error.isMissing else { throw error }
      return nil
    }
  }

  /// The folder, made where it is missing; its own name is durable before anything in it is.
  static func make(in store: Store) throws -> TokenFolder {
    let made = TokenFolder(folder: try store.privateFolder("tokens"))
    // Whoever made it may not have lived to flush it.
    if try made.folder.entries().isEmpty { try store.root.directory("private").sync() }
    return made
  }

  func read() throws(FileError) -> Content {
    var content = Content()
    let owner = try folder.ownStatus().owner
    for entry in try folder.entries() where !Leftover.isOne(entry) {
      do {
        content.tokens.append(try token(entry, owner: owner))
      } catch {
        content.problems.append(
          "private/tokens/\(entry.name.quoted) grants nothing: \(error.message); \(error.hint)")
      }
    }
    let copies = Dictionary(grouping: content.tokens, by: \.hash).filter { $0.value.count > 1 }
    for names in copies.values.map({ $0.map(\.name.text).sorted().joined(separator: " and ") }) {
      content.problems.append("the tokens \(names) are one, so none of them grants anything; revoke them")
    }
    content.tokens = content.tokens.filter { copies[$0.hash] == nil }.sorted { $0.name < $1.name }
    return content
  }

  private func token(_ entry: DirectoryEntry, owner: UInt32) throws(RegistryError) -> TokenRecord {
    guard entry.isUTF8, let name = try? TokenName(parsing: entry.name), entry.kind == .file else {
      throw RegistryError(.integrity, "it is no token", hint: "remove it")
    }
    return try record(name, owner: owner)
  }

  /// A token by its name.
  /// - Throws: `notFound` where none was ever made of this name; `integrity` where its file is none of ours.
  func record(_ name: TokenName) throws -> TokenRecord { try record(name, owner: folder.ownStatus().owner) }

  private func record(_ name: TokenName, owner: UInt32) throws(RegistryError) -> TokenRecord {
    let (status, bytes): (FileStatus, [UInt8])
    do throws(FileError) {
      (status, bytes) = try content(name)
    } catch {
      guard !error.isMissing else {
        throw RegistryError(.notFound, "there is no token \(name)", hint: "see `modelctl token list`")
      }
      throw RegistryError(error, doing: "read the token \(name)", unchanged: Self.grantsNothing)
    }
    guard status.owner == owner, status.mode & 0o7777 == 0o600 else {
      throw RegistryError(
        .integrity, "others may reach the file of the token \(name)", unchanged: Self.grantsNothing,
        hint: "it has to belong to the store's owner with mode 0600; correct that if its content is yours")
    }
    let record: TokenRecord
    do {
      record = try TokenRecord(parsing: bytes)
    } catch {
      throw RegistryError(
        .integrity, "the file of the token \(name) is damaged: \(error.message)",
        unchanged: Self.grantsNothing, hint: "remove it, and make a token of another name")
    }
    guard record.name == name else {
      throw RegistryError(
        .integrity, "the file of the token \(name) speaks of \(record.name)", unchanged: Self.grantsNothing,
        hint: "remove it")
    }
    return record
  }

  private static let grantsNothing = "it grants nothing"

  /// Status and bytes by one descriptor. A file here never changes once it has its name.
  private func content(_ name: TokenName) throws(FileError) -> (FileStatus, [UInt8]) {
    let file = try folder.openFile(name.text)
    return (try file.status(), try file.content(limit: Self.limitBytes))
  }
}
