import Glibc
import RegistryModel

/// The socket that a service manager listens at: an absolute path, or a name of the abstract namespace behind `@`.
struct NotifyAddress: Sendable {
  private let name: String
  private let bytes: [UInt8]

  /// Fails for what sd_notify(3) doesn't describe, and where the name is too long for a socket.
  init(_ name: String) throws(RegistryError) {
    var bytes = Array(name.utf8)
    let room = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
    switch bytes.first {
    // An abstract name is as long as its address says; a path ends with a zero.
    case UInt8(ascii: "@"): bytes[0] = 0
    case UInt8(ascii: "/"): bytes.append(0)
    default: throw Self.unusable(name, "it is no absolute path and no abstract name")
    }
    guard 1 < bytes.count, bytes.count <= room else {
      throw Self.unusable(name, "a socket's name has at most \(room - 1) bytes")
    }
    self.name = name
    self.bytes = bytes
  }

  /// Sends one datagram, over a socket of its own that no child inherits.
  ///
  /// Blocks while the manager's queue is full, but not longer than `patienceMilliseconds`.
  func send(_ message: String, patienceMilliseconds: Int) throws(RegistryError) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Self.unusable(name, Self.text(errno)) }
    defer { close(descriptor) }
    var patience = timeval(
      tv_sec: patienceMilliseconds / 1000, tv_usec: patienceMilliseconds % 1000 * 1000)
    _ = setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let payload = Array(message.utf8)
    let sent = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        var sent: Int
        repeat {
          sent = sendto(descriptor, payload, payload.count, Int32(MSG_NOSIGNAL), address, length)
        } while sent < 0 && errno == EINTR
        return sent
      }
    }
    guard sent == payload.count else { throw Self.unusable(name, Self.text(errno)) }
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

  private static func unusable(_ name: String, _ why: String) -> RegistryError {
    RegistryError(
      .failed, "the service manager can't be told how the service is, at \(name.quoted): \(why)",
      unchanged: "the service goes on",
      hint: "see NOTIFY_SOCKET in sd_notify(3); unset it where no manager listens")
  }
}
