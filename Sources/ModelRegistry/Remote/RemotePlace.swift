import DurableFiles
import RegistryModel

/// Which remote the store shares with: a mark, so that a lost index doesn't lose it.
///
/// The link `marks/remote` has the URI as its text; for a directory the identity stands before it, and a space. It is
/// replaced by one rename, and one flush of `marks` makes it durable.
struct RemotePlace {
  private static let name = "remote"

  let store: Store

  func read() throws -> RemoteURI? { try mark()?.uri }

  /// What the remote's directory said of itself when it was set; nil for a bucket, and where it couldn't.
  func identity() throws -> String? { try mark()?.identity }

  private func mark() throws -> (uri: RemoteURI, identity: String?)? {
    guard let text = try marks.readLink(Self.name) else { return nil }
    guard let (first, rest) = text.splitOnce(at: UInt8(ascii: " ")), !first.contains(":") else {
      return (try RemoteURI(parsing: text), nil)
    }
    return (try RemoteURI(parsing: rest), first)
  }

  func set(_ uri: RemoteURI, identity: String?, _ operation: Operation) throws {
    let marks = try marks
    let text = identity.map { "\($0) \(uri)" } ?? uri.description
    try operation.folder.makeLink(Self.name, to: text)
    try operation.folder.rename(Self.name, to: Self.name, in: marks, replacing: true)
    try marks.sync()
  }

  private var marks: Directory {
    get throws { try store.root.directory("marks") }
  }
}
