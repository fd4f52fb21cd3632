public import RegistryModel

/// How to reach servers. Certificates are always checked; there is no setting against that.
public struct HTTPConfiguration: Sendable {
  /// How long a connection may take, TLS included.
  public var connectSeconds = 10
  /// A transfer slower than this for ``lowSpeedSeconds`` is given up, and then tried again.
  public var lowSpeedBytesPerSecond = 1024
  public var lowSpeedSeconds = 30
  /// The most bytes per second in each direction, all transfers together; nil for no limit.
  public var maximumBytesPerSecond: Int64?
  /// Among how many transfers at once that limit is shared.
  public var transfersAtOnce = 1
  /// A file of certificates in PEM, in the place of the system's.
  public var certificateFile: String?
  /// Sent with every request that has no header of the name; for gateways. Never in a message or a log.
  public var extraHeaders: [HTTPHeader] = []
  public var userAgent = "modelctl"

  /// The defaults, with the headers of `MODELCTL_HTTP_HEADERS`: lines of `Name: value`.
  ///
  /// - Throws: `usage` for lines that are no headers, and for headers that frame the body.
  public init(environment: [String: String] = [:]) throws(RegistryError) {
    let lines = environment["MODELCTL_HTTP_HEADERS"] ?? ""
    for line in lines.split(whereSeparator: \.isNewline) where !line.trimmedASCII.isEmpty {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw RegistryError(
          .usage, "MODELCTL_HTTP_HEADERS has a line without a colon", hint: "write it as Name: value")
      }
      try addHeader(parts[0].trimmedASCII, parts[1].trimmedASCII)
    }
  }

  /// Adds a header to all requests.
  ///
  /// - Throws: `usage` as ``init(environment:)``.
  public mutating func addHeader(_ name: String, _ value: String) throws(RegistryError) {
    guard !Self.reserved.contains(name.lowercased()) else {
      throw RegistryError(.usage, "the header \(name.quoted) can't be configured", hint: "leave it out")
    }
    extraHeaders.append(try HTTPHeader(name, value))
  }

  private static let reserved: Set = [
    "connection", "content-length", "content-range", "content-type", "expect", "host", "range", "te",
    "transfer-encoding", "upgrade",
  ]

  /// The limit of one transfer; 0, libcurl's word for none, without a limit.
  var bytesPerSecondEach: Int64 {
    guard let all = maximumBytesPerSecond else { return 0 }
    return max(1, all / Int64(max(1, transfersAtOnce)))
  }

  /// How much is transferred at once where there is a limit.
  static let burstBytes = 16 << 10

  /// A silence that the own limit forces: thrice the wait behind a burst.
  var pauseSecondsEach: Int {
    let limit = bytesPerSecondEach
    return limit == 0 ? 0 : Int(min(3600, 3 * Int64(Self.burstBytes) / limit))
  }

  /// The speed below which a transfer is given up: never one that the own limit forces.
  var lowSpeedEach: Int {
    let limit = bytesPerSecondEach
    return limit == 0 ? lowSpeedBytesPerSecond : min(lowSpeedBytesPerSecond, Int(limit / 4))
  }
}
