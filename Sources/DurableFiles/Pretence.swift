/// Features of a kernel or file system that tests pretend are missing, so that every fallback runs everywhere.
///
/// Release builds believe the kernel.
package struct Pretence: OptionSet, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  /// openat2 answers ENOSYS: paths are walked one component at a time.
  package static let noConfinedOpen = Pretence(rawValue: 1)
  /// O_TMPFILE answers EOPNOTSUPP: new files have a hidden name.
  package static let noUnnamedFiles = Pretence(rawValue: 2)
  /// RENAME_NOREPLACE answers EINVAL.
  package static let noExclusiveRename = Pretence(rawValue: 4)
  /// O_DIRECT answers EINVAL.
  package static let noDirectReads = Pretence(rawValue: 8)
  /// fallocate answers EOPNOTSUPP.
  package static let noPreallocation = Pretence(rawValue: 16)
  /// The kernel doesn't tell of writes that failed before a syncfs.
  package static let noFileSystemFlush = Pretence(rawValue: 32)

  #if DEBUG
    @TaskLocal package static var current: Pretence = []
  #endif

  static func pretends(_ feature: Pretence) -> Bool {
    #if DEBUG
      current.contains(feature)
    #else
      false
    #endif
  }
}
