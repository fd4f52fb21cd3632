/// The versions that run together: one per adapter, by name and manifest digest.
///
/// Two sets are equal when the same adapters carry the same digests. An empty set is a set: it is what
/// `deactivate` leaves when it takes the last adapter away.
public struct GenerationSet: Sendable {
  public struct Member: Hashable, Sendable {
    public let version: VersionID
    public let digest: Digest

    public init(version: VersionID, digest: Digest) {
      self.version = version
      self.digest = digest
    }
  }

  public private(set) var members: [AdapterName: Member]

  public init(_ members: [Member] = []) {
    self.members = Dictionary(members.map { ($0.version.adapter, $0) }, uniquingKeysWith: { $1 })
  }

  /// Members in the order of their adapters' names.
  public var sorted: [Member] { members.values.sorted { $0.version < $1.version } }
  public var digests: Set<Digest> { Set(members.values.map(\.digest)) }
  public var isEmpty: Bool { members.isEmpty }

  public subscript(adapter: AdapterName) -> Member? { members[adapter] }

  /// This set with `changes` put in place of what their adapters had.
  public func replacing(with changes: [Member]) -> GenerationSet {
    GenerationSet(Array(members.values) + changes)
  }

  public func removing(_ adapter: AdapterName) -> GenerationSet {
    var copy = self
    copy.members[adapter] = nil
    return copy
  }

  /// The digests that this set has and `other` has not: what a fault of this set condemns.
  public func digests(notIn other: GenerationSet) -> [Digest] {
    digests.subtracting(other.digests).sorted()
  }
}

extension GenerationSet: Hashable {
  public static func == (a: GenerationSet, b: GenerationSet) -> Bool {
    a.members.mapValues(\.digest) == b.members.mapValues(\.digest)
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(members.mapValues(\.digest)) }
}
