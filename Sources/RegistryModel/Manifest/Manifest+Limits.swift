extension Manifest {
  /// How much one manifest may hold.
  ///
  /// Together the limits keep the largest manifest that can be made below ``Limits/documentBytes``, so that whatever
  /// was published can be read again: 120 bytes a file beside its path, a path at most doubled by escapes, 170 bytes
  /// an archive, 160 a metric. A test does this sum.
  public enum Limits {
    public static let files = 1_000_000
    /// The sum of all paths' bytes.
    public static let pathBytes = 48 << 20
    public static let archives = 100_000
    public static let metrics = 10_000
    public static let requires = 64
    /// The size of `model_type`, `framework`, `origin.layout` and `origin.version`.
    public static let labelBytes = 128
    /// The size of `job.id` and `job.code_version`.
    public static let jobTextBytes = 256
    public static let metricKeyBytes = 128
    public static let noteBytes = 4096
    /// The size of the canonical bytes.
    public static let documentBytes = 256 << 20
    /// The same for a manifest that is shared: whoever is offered one reads it into memory before he can judge it. Enough
    /// for 100,000 files.
    public static let foreignBytes = JSONLimits.standard.maximumBytes
  }

  /// What the parser asks of a manifest's JSON before it looks at its meaning.
  public static let jsonLimits = JSONLimits(
    maximumBytes: Limits.documentBytes, maximumDepth: JSONLimits.standard.maximumDepth,
    maximumValues: Limits.documentBytes / 16)
}
