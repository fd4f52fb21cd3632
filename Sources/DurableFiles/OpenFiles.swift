import Glibc
import Synchronization

/// How many files this process may keep open for long.
///
/// A file without a name exists as long as it is open, so whoever makes many of them needs a place for each. Systems
/// give few descriptors at first (1,024) and many on request.
enum OpenFiles {
  /// What is left for everything else.
  private static let others = 1024
  /// More would only hold memory in the kernel.
  private static let most = 65_536

  private static let places: Int = {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    let wanted = min(limit.rlim_max, rlim_t(most))
    if limit.rlim_cur < wanted {
      let raised = rlimit(rlim_cur: wanted, rlim_max: limit.rlim_max)
      if withUnsafePointer(to: raised, { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), $0) }) == 0 {
        limit.rlim_cur = wanted
      }
    }
    return max(Int(min(limit.rlim_cur, wanted)) - others, 0)
  }()

  private static let taken = Atomic<Int>(0)

  /// Takes a place; false when there is none left. Give it back with ``release()``.
  static func take() -> Bool {
    guard taken.add(1, ordering: .relaxed).newValue <= places else {
      release()
      return false
    }
    return true
  }

  static func release() { taken.subtract(1, ordering: .relaxed) }
}
