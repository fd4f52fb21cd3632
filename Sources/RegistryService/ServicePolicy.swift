package import RegistryModel

/// How the service is reached and what it does by itself; the section `serve` of the configuration.
package struct ServicePolicy: Hashable, Sendable {
  package var host = "127.0.0.1"
  /// 0 takes any that is free.
  package var port = 8470
  /// The control socket's path; nil: `ROOT/control.sock`.
  package var socket: String?
  /// Whose group may use the control socket; nil: the owner's.
  package var socketGroup: String?
  /// PEM files of the certificate chain and its key.
  package var certificate: String?
  package var key: String?
  /// Whether a proxy on the way to other machines does TLS.
  package var isBehindTLSProxy = false
  /// Names that people use for this machine, beside what it listens at.
  package var hosts: [String] = []
  package var limits = ServiceLimits()
  package var schedule = SchedulePolicy()

  package init() {}

  /// Whether only this machine reaches the address.
  package var isLoopback: Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }

  /// - Parameter hasTokens: whether there is a token that is good.
  /// - Throws: `refused` for an address that others reach without what protects it.
  package func check(hasTokens: Bool) throws(RegistryError) {
    guard !isLoopback || isBehindTLSProxy else { return }
    guard hasTokens else {
      throw RegistryError(
        .refused, "other machines reach \(host)\(isLoopback ? " by a proxy" : ""), and there is no token",
        unchanged: "nothing is served",
        hint: "make one first: `modelctl token create NAME --scope operate`; or listen at 127.0.0.1")
    }
    guard certificate != nil || isBehindTLSProxy else {
      throw RegistryError(
        .refused, "other machines reach \(host), and tokens would cross the network in the clear",
        unchanged: "nothing is served",
        hint: "set serve.tls.certificate and serve.tls.key, or say --behind-tls-proxy where a proxy does it")
    }
  }
}

/// How much may be asked of the service at once.
package struct ServiceLimits: Hashable, Sendable {
  /// The most bytes of a document; more is answered 413.
  package var documentBytes = 1 << 20
  package var formBytes = 64 << 10
  /// The most bytes of an archive that is published.
  package var archiveBytes: Int64 = 16 << 30
  /// The most bytes of all headers.
  package var headerBytes = 32 << 10
  /// How long a document may take to come.
  package var documentSeconds: Int64 = 30
  /// How long a connection may lie idle, and how long one piece may take to go.
  package var idleSeconds: Int64 = 75
  package var connections = 320
  /// How many requests are worked on at once; more are answered 503.
  package var requests = 64
  /// How many threads work on them.
  package var threads = 4
  /// How many more work on what is urgent alone.
  package var urgentThreads = 2
  /// How much long work is done at once.
  package var operations = 2
  /// How long what is under way may go on when the service is told to stop.
  package var stopSeconds: Int64 = 20

  package init() {}
}

/// What the service does by itself, and how often, in milliseconds; nil: never by itself.
package struct SchedulePolicy: Hashable, Sendable {
  package var sync: Int64? = 60_000
  package var scrub: Int64? = 7 * 24 * 3_600_000
  package var scrubBytesPerSecond: Int64 = 8 << 20
  package var collect: Int64? = 24 * 3_600_000
  package var training: Int64? = 10 * 60_000

  package init() {}
}
