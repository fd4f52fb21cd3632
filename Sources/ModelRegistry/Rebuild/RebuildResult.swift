public import RegistryModel

/// What `rebuild` and `restore` brought back, and what they could not.
public struct RebuildResult: Hashable, Sendable {
  /// What the new index began with.
  public enum Base: String, Hashable, Sendable {
    /// The index that was there: it was completed in its place.
    case index
    /// A backup.
    case backup
    /// Nothing: the index was lost.
    case nothing
  }

  public var base: Base
  public var versions: Int64 = 0
  public var installed: Int64 = 0
  /// Versions, generations, settings and evaluations that the base lacked and that came back.
  public var added = 0
  public var generations = 0
  public var channels = 0
  public var evaluations = 0
  /// The record that says so: from here on the audit is whole.
  public var head: AuditHead?
  /// What can't come back, in words.
  public var lost: [String] = []
  /// What was found that is not as it should be, and what to do.
  public var problems: [String] = []

  init(base: Base) { self.base = base }
}
