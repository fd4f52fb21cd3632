/// Where a client keeps what it needs to go on with an interrupted upload after a restart.
///
/// A session's address is a secret: whoever has it may write the object. Keep it where only its owner reads.
public protocol UploadSessions: Sendable {
  /// The session for this object and content, nil when there is none.
  func session(for key: UploadKey) throws(RegistryError) -> UploadSession?
  /// Durable when it returns.
  func keep(_ session: UploadSession, for key: UploadKey) throws(RegistryError)
  func forget(_ key: UploadKey) throws(RegistryError)
  /// Keeps everybody else away from this session for as long as the answer is held; nil when somebody else has it: two
  /// who send to one session would take each other's bytes for a loss.
  func hold(_ key: UploadKey) throws(RegistryError) -> (any UploadHold)?
}

/// A session that is one's own as long as this lives.
public protocol UploadHold: AnyObject, Sendable {
  func release()
}

/// What an upload is of: an object of a store, and its content.
public struct UploadKey: Hashable, Sendable {
  /// `gs://BUCKET/NAME`.
  public let object: String
  public let content: Digest
  public let bytes: Int64

  public init(object: String, content: Digest, bytes: Int64) {
    self.object = object
    self.content = content
    self.bytes = bytes
  }
}

/// An upload under way.
public struct UploadSession: Hashable, Sendable {
  /// The session's address, a secret. Never in a message or a log.
  public let address: String
  /// When it began; the store forgets a session after a week.
  public let startedAt: Timestamp

  public init(address: String, startedAt: Timestamp) {
    self.address = address
    self.startedAt = startedAt
  }
}
