import NIOCore

/// The other end of a connection, asked of its socket.
enum Peer {
  /// Linux's `struct ucred` (unix(7)), which its C library hides from Swift.
  private struct Credentials {
    var process: Int32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
  }

  /// `SO_PEERCRED` of `asm-generic/socket.h`: who connected, as the kernel saw it then.
  private static let peerCredentials = NIOBSDSocket.Option(rawValue: 17)

  /// - Parameter isControl: whether the connection came by the control socket.
  static func entrance(of channel: any Channel, isControl: Bool) async -> Gatekeeper.Entrance {
    guard isControl else {
      return .address(isLoopback: channel.remoteAddress?.ipAddress.map(isLoopback) ?? false)
    }
    // Who can't be identified is treated as somebody from elsewhere, who may nothing.
    guard let provider = channel as? any SocketOptionProvider,
      let credentials: Credentials = try? await provider.unsafeGetSocketOption(
        level: .socket, name: peerCredentials
      ).get(), credentials.process > 0
    else { return .address(isLoopback: false) }
    return .socket(uid: credentials.user)
  }

  private static func isLoopback(_ address: String) -> Bool {
    address == "::1" || address.hasPrefix("127.") || address.lowercased().hasPrefix("::ffff:127.")
  }
}
