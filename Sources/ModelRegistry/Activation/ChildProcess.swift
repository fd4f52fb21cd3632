import CLinux
import Glibc

/// Starts child processes, each in a session of its own, out of reach of our terminal and to be ended with its group.
package enum ChildProcess {
  /// Starts a program; no shell is involved. Standard input is empty.
  ///
  /// - Parameters:
  ///   - environment: `NAME=VALUE` each, and nothing else.
  ///   - output: where standard output goes, `error` likewise; both stay open here.
  ///   - folder: where it starts; nil: where we are.
  /// - Returns: 0, or the error's number.
  package static func spawn(
    _ arguments: [String], _ environment: [String], output: Int32, error: Int32, in folder: String? = nil,
    _ child: inout Int32
  ) -> Int32 {
    guard let program = arguments.first else { return EINVAL }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, error, 2)
    // Whatever this process has open without a word is none of its business.
    _ = clinux_spawn_close_from(&actions, 3)
    if let folder { _ = clinux_spawn_in(&actions, folder) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    let flags = clinux_spawn_new_session | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))
    // Threads of a service block signals, and what they ignore stays ignored: neither is the command's business.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let words = CStrings(arguments)
    let variables = CStrings(environment)
    return posix_spawnp(&child, program, &actions, &attributes, words.pointers, variables.pointers)
  }

  /// A pipe whose reading end doesn't block, for what a child prints: both ends are closed in children.
  package static func pipe() -> (read: Int32, write: Int32)? {
    var ends: [Int32] = [-1, -1]
    return clinux_pipe(&ends) == 0 ? (ends[0], ends[1]) : nil
  }

  /// What of our environment a child gets, and what it gets beside that.
  package static func inherited(
    _ isInherited: (String) -> Bool, adding extra: [String: String]
  ) -> [String] {
    var result: [String] = []
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      let name = String(text.prefix { $0 != "=" })
      if extra[name] == nil, isInherited(name) { result.append(text) }
      next += 1
    }
    return result + extra.map { "\($0.key)=\($0.value)" }
  }
}

/// A NULL-terminated array of C strings that lives as long as this object.
private final class CStrings {
  let pointers: [UnsafeMutablePointer<CChar>?]

  init(_ strings: [String]) { pointers = strings.map { strdup($0) } + [nil] }
  deinit { pointers.forEach { free($0) } }
}
