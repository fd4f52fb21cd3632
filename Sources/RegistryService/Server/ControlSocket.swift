import Glibc
import RegistryModel

/// The socket by which this machine's own processes reach the service; its file's mode and group say which.
final class ControlSocket: Sendable {
  private let path: String
  private let group: gid_t?

  /// - Throws: `usage` for a path that is too long, or a group that there isn't; `refused` where another service listens.
  init(_ path: String, group: String?) throws(RegistryError) {
    // struct sockaddr_un has 108 bytes, the last of them 0.
    guard path.utf8.count < 108 else {
      throw RegistryError(
        .usage, "the control socket's path \(path.quoted) has more than 107 bytes",
        unchanged: "nothing is served", hint: "set serve.socket to a shorter one, in /run for instance")
    }
    self.path = path
    self.group = try group.map { (name) throws(RegistryError) in
      guard let entry = getgrnam(name) else {
        throw RegistryError(
          .usage, "there is no group \(name.quoted)", unchanged: "nothing is served",
          hint: "make it, or correct serve.socket_group")
      }
      return entry.pointee.gr_gid
    }
    if Self.answers(path) {
      throw RegistryError(
        .refused, "another service listens at \(path)", unchanged: "it goes on",
        hint: "stop it first, or give this one another serve.socket")
    }
  }

  /// Lets the group in. Until then only the owner gets in: nobody else may write to what was made under a umask of 022.
  ///
  /// - Returns: why only the owner gets in, where it can't be given to the group.
  func open() -> String? {
    if let group, lchown(path, uid_t.max, group) != 0 {
      return "the control socket can't be given to the group \(group): \(String(cString: strerror(errno)))"
    }
    guard fchmodat(AT_FDCWD, path, 0o660, 0) == 0 else {
      return "the control socket's mode can't be set: \(String(cString: strerror(errno)))"
    }
    return nil
  }

  private static func answers(_ path: String) -> Bool {
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return false }
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { space in
      space.copyBytes(from: Array(path.utf8).prefix(space.count - 1))
    }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
