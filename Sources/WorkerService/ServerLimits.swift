/// How much a request may ask of the one who serves it.
public struct ServerLimits: Hashable, Sendable {
  /// The most bytes of a body; more is answered 413.
  public var bodyBytes = 1 << 20
  /// The most bytes of all headers: a token and a proxy's own fit in.
  public var headerBytes = 32 << 10
  /// How long a body may take to come; then it is answered 400, and the connection ends.
  public var bodySeconds: Int64 = 30
  /// How long a connection may lie idle.
  public var idleSeconds: Int64 = 75
  /// How many connections there may be; more wait until others end.
  public var connections = 64
  /// How many requests are worked on at once, each on a thread of its own.
  public var threads = 8
  /// How long requests that are under way may go on when the service is told to stop.
  public var stopSeconds: Int64 = 20

  public init() {}
}
