import CLinux
import DurableFiles
import Glibc
import RegistryModel

/// The directories of one store, opened once; every path below is relative to one of these descriptors.
///
/// `docs/format.md` describes the layout.
struct Store: Sendable {
  let root: Directory
  let blobs: Directory
  let manifests: Directory
  let versions: Directory
  let generations: Directory
  let blocked: Directory
  let pins: Directory
  let staging: Directory
  let quarantine: Directory
  let locks: Directory

  /// What `init` makes, parents first.
  static let folders = [
    "locks", "blobs", "blobs/sha256", "manifests", "versions", "generations", "marks", "marks/blocked",
    "marks/pins", "marks/channels", "marks/evaluations", "staging", "quarantine", "private",
  ]
  /// Folders under `marks/` that stores of schema 1 lack until they are needed.
  static let channelsFolder = "channels"
  static let evaluationsFolder = "evaluations"
  static let reserveBytes: Int64 = 8 << 20

  var path: String { root.path }
  var indexPath: String { root.path + "/registry.db" }
  var reserve: Reserve { Reserve(in: root) }

  init(_ root: Directory) throws {
    self.root = root
    func open(_ name: String) throws -> Directory {
      do {
        return try root.directory(name)
      } catch {
        guard error.isMissing else { throw error }
        throw RegistryError(
          .notFound, "\(root.path) is no model registry: \(name)/ is missing",
          hint: "name the store with --root or MODELCTL_ROOT, or make one with `modelctl init`")
      }
    }
    blobs = try open("blobs/sha256")
    manifests = try open("manifests")
    versions = try open("versions")
    generations = try open("generations")
    blocked = try open("marks/blocked")
    pins = try open("marks/pins")
    // Scratch room that somebody cleaned away stops nothing: it is made again where this process may.
    func openOrMake(_ name: String) throws -> Directory {
      if try root.status(name) == nil { try? root.makeDirectory(name) }
      return try open(name)
    }
    staging = try openOrMake("staging")
    quarantine = try openOrMake("quarantine")
    locks = try open("locks")
  }

  /// Refuses a writer who isn't the store's owner: one file of another uid would break the owner.
  func requireOwner() throws {
    let owner = try root.ownStatus().owner
    guard owner != geteuid() else { return }
    throw RegistryError(
      .permission, "the store \(path) belongs to \(Account.name(of: owner))",
      hint: "run as that user, or as root, which becomes that user")
  }
}

/// Names of users, for messages and the audit.
public enum Account {
  public static func name(of uid: UInt32) -> String {
    // Room for what an entry points to; getpwuid's own would be shared with other threads.
    var space = [CChar](repeating: 0, count: 16 << 10)
    let name = space.withUnsafeMutableBufferPointer { space -> String? in
      var entry = passwd()
      var found: UnsafeMutablePointer<passwd>?
      guard let room = space.baseAddress,
        getpwuid_r(uid, &entry, room, space.count, &found) == 0, found != nil, let name = entry.pw_name
      else { return nil }
      return String(cString: name)
    }
    return name ?? "uid \(uid)"
  }

  /// Who is asking: the user behind `sudo` where there is one.
  public static var current: String {
    if geteuid() == 0, let behind = getenv("SUDO_USER") { return String(cString: behind) }
    return name(of: getuid())
  }

  /// Started as root, becomes the owner of `path`, groups included, before anything of the store is opened.
  public static func become(ownerOf path: String) throws {
    guard geteuid() == 0 else { return }
    var status = stat()
    guard stat(path, &status) == 0, status.st_uid != 0 else { return }
    // The folder's group may still be root's: the group is the user's own.
    let entry = getpwuid(status.st_uid)
    let group = entry?.pointee.pw_gid ?? status.st_uid
    let name = entry.flatMap { $0.pointee.pw_name.map { String(cString: $0) } }
    let groups = name.map { initgroups($0, group) } ?? setgroups(1, [group])
    guard groups == 0, clinux_become(status.st_uid, group) == 0 else {
      throw RegistryError(
        .permission, "can't become \(Account.name(of: status.st_uid)), who owns \(path)",
        hint: "run as that user")
    }
  }
}
