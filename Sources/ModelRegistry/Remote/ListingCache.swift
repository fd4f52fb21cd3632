import DurableFiles
import RegistryModel
import Synchronization

/// Pages of a directory's listing. A listing is read once and given out page by page, so that its cost is that of the
/// directory, however many pages it has.
final class ListingCache: Sendable {
  private struct Listing {
    let query: ObjectQuery
    let entries: [Entry]
  }

  private enum Entry {
    case object(ObjectInfo)
    case folder(String)
  }

  private let last = Mutex<Listing?>(nil)

  /// One page; its token is the position in the listing.
  func page(_ query: ObjectQuery, _ token: String?, in root: Directory) throws -> ObjectPage {
    let position = token.flatMap(Int.init) ?? 0
    let kept = last.withLock { $0?.query == query && position > 0 ? $0 : nil }
    let listing = try kept ?? Listing(query: query, entries: Self.entries(query, in: root))
    let end = min(position + query.pageSize, listing.entries.count)
    let part = position < end ? listing.entries[position..<end] : []
    let isLast = end == listing.entries.count
    last.withLock { $0 = isLast ? nil : listing }
    var objects: [ObjectInfo] = []
    var folders: [String] = []
    for entry in part {
      switch entry {
      case .object(let info): objects.append(info)
      case .folder(let name): folders.append(name)
      }
    }
    return ObjectPage(objects: objects, folders: folders, next: isLast ? nil : "\(end)")
  }

  private static func entries(_ query: ObjectQuery, in root: Directory) throws -> [Entry] {
    // The deepest folder that the prefix names whole.
    let slash = query.prefix.utf8.lastIndex(of: UInt8(ascii: "/"))
    let top = slash.map { String(query.prefix[..<$0]) } ?? ""
    let folder: Directory
    do {
      folder = top.isEmpty ? root : try root.directory(top)
    } catch {
      guard error.isMissing else { throw error }
      return []
    }
    var entries: [(name: String, entry: Entry)] = []
    try walk(folder, path: top.isEmpty ? "" : top + "/", query, into: &entries)
    return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }.map(\.entry)
  }

  private static func walk(
    _ folder: Directory, path: String, _ query: ObjectQuery, into found: inout [(name: String, entry: Entry)]
  ) throws {
    for entry in try folder.entries() where entry.isUTF8 && !entry.name.hasPrefix(".") {
      let name = path + entry.name
      if entry.kind == .directory {
        let folderName = name + "/"
        // Nothing in a folder is wanted where neither can begin with the other.
        guard
          folderName.utf8.starts(with: query.prefix.utf8) || query.prefix.utf8.starts(with: folderName.utf8)
        else { continue }
        // Deeper than any path: nothing in it can be named.
        guard folderName.utf8.count(where: { $0 == UInt8(ascii: "/") }) < RelativePath.maximumDepth else {
          continue
        }
        if query.isShallow, folderName.utf8.count > query.prefix.utf8.count {
          guard isFromStart(folderName, query) else { continue }
          found.append((folderName, .folder(folderName)))
        } else if let inner = try Self.inner(entry.name, of: folder) {
          try walk(inner, path: folderName, query, into: &found)
        }
      } else if entry.kind == .file, name.utf8.starts(with: query.prefix.utf8), isFromStart(name, query),
        let path = try? RelativePath(parsing: name), let status = try folder.status(entry.name),
        let info = DirectoryStore.info(path, status)
      {
        found.append((name, .object(info)))
      }
    }
  }

  /// Nil where the folder went meanwhile; one that can't be read is an error, as a listing without it would say that
  /// there is nothing in it.
  private static func inner(_ name: String, of folder: Directory) throws -> Directory? {
    do {
      return try folder.directory(name)
    } catch {
      guard error.isMissing || error.isWrongKind else { throw error }
      return nil
    }
  }

  private static func isFromStart(_ name: String, _ query: ObjectQuery) -> Bool {
    guard let start = query.start else { return true }
    return !name.utf8.lexicographicallyPrecedes(start.utf8)
  }
}
