import Foundation
import Glibc
import Testing

/// The program under test, as it was built beside this test bundle.
enum Program {
  static let path: String = {
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = (bundle as NSString).deletingLastPathComponent + "/modelctl"
    precondition(access(beside, X_OK) == 0, "modelctl is not built beside \(bundle)")
    return beside
  }()

  /// What a program gets of our own environment; the rest would make tests depend on who runs them.
  static let environment: [String: String] = ProcessInfo.processInfo.environment.filter { name, _ in
    ["PATH", "LD_LIBRARY_PATH", "LANG"].contains(name)
  }

  /// Runs a program to its end.
  static func run(_ words: [String], environment: [String: String] = [:]) throws -> Outcome {
    try Child(words, environment: Self.environment.merging(environment) { $1 }).wait()
  }

  // MARK: Other users

  /// A uid that nobody has; a store's files must not need a name for it.
  static let stranger: uid_t = 54_321

  static let strangerReason: Comment = "SKIPPED, NOT TESTED: other users need root and setpriv"

  /// The words that run something as another user.
  static func become(_ uid: uid_t) -> [String] {
    ["setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups", "--"]
  }

  /// Where another user can run the program: beside the tests if the folders above let him, else a copy.
  static let pathForOthers: String? = {
    guard geteuid() == 0 else { return nil }
    func works(_ path: String) -> Bool {
      guard let outcome = try? run(become(stranger) + [path, "version"]) else { return false }
      return outcome.code == 0
    }
    if works(path) { return path }
    let copy = "/var/tmp/modelregistry-program-\(getpid())"
    try? FileManager.default.removeItem(atPath: copy)
    try? FileManager.default.copyItem(atPath: path, toPath: copy)
    atexit { unlink("/var/tmp/modelregistry-program-\(getpid())") }
    return works(copy) ? copy : nil
  }()

  static let canBecomeStranger = pathForOthers != nil
}
