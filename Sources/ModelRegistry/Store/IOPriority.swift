import CLinux

/// The order in which the kernel serves threads that want the medium.
enum IOPriority {
  /// Whoever has it waits for everybody else.
  static let lowest = clinux_idle_io_priority

  /// The calling thread's; negative where the kernel knows none.
  static var current: Int32 { clinux_get_io_priority() }

  /// Runs `body` on this thread with its reading served after everybody else's, and gives it its own priority back.
  ///
  /// Best effort: a kernel or a medium without priorities serves all alike.
  static func idle<T>(_ body: () throws -> T) rethrows -> T {
    let before = current
    guard before >= 0, clinux_set_io_priority(lowest) == 0 else { return try body() }
    defer {
      // Of no class it can't be given back with a level: then it is of no class again.
      if clinux_set_io_priority(before) != 0 { _ = clinux_set_io_priority(0) }
    }
    return try body()
  }
}
