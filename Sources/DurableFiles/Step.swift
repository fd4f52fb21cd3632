/// The gate that every durable call passes: the kinds of steps, and what a test may do to one of them.
///
/// A step is counted, given a label like "rename active" or "sync generations", and then made, or made to fail, or
/// never reached because the process is gone. Release builds contain nothing of this but the names.
enum Step: String {
  case create, write, clone, allocate, sync, link, symlink, mkdir, rename, unlink, rmdir, chmod

  /// Whether a full disk stops it.
  ///
  /// A rename doesn't count, as the one that matters replaces a name that exists: it must work on a full disk.
  var needsSpace: Bool {
    switch self {
    case .create, .write, .clone, .allocate, .link, .symlink, .mkdir: true
    case .sync, .rename, .unlink, .rmdir, .chmod: false
    }
  }

  /// Passes the gate; throws what the test asked for. Nothing was changed then.
  @inline(__always)
  func pass(_ label: @autoclosure () -> String, path: @autoclosure () -> String) throws(FileError) {
    #if DEBUG
      guard let plan = FaultPlan.effective else { return }
      let outcome = plan.reach("\(rawValue) \(label())", needsSpace: needsSpace, isSync: false)
      if case .fail(let code) = outcome {
        throw FileError(call: rawValue, path: path(), errno: code)
      }
    #endif
  }

  /// Passes the gate in front of an fsync; false when it is to be skipped while claiming success.
  @inline(__always)
  static func passSync(
    _ label: @autoclosure () -> String, path: @autoclosure () -> String
  ) throws(FileError) -> Bool {
    #if DEBUG
      guard let plan = FaultPlan.effective else { return true }
      switch plan.reach("sync \(label())", needsSpace: false, isSync: true) {
      case .proceed: return true
      case .omit: return false
      case .fail(let code): throw FileError(call: "fsync", path: path(), errno: code)
      }
    #else
      return true
    #endif
  }

  /// Tells the plan that a reserve gave its blocks back, which ends a simulated full disk.
  @inline(__always)
  static func reserveWasReleased() {
    #if DEBUG
      FaultPlan.effective?.endFullDisk()
    #endif
  }
}

/// A step that another layer declares where its own durable call is, around an SQLite commit for instance.
public enum Failpoint {
  /// Counts as one step of the running ``FaultPlan``, with `label` as it is; nothing at all in release builds.
  ///
  /// Throws a ``FileError`` with the call "failpoint" when the plan says so; the caller then fails as if its own call
  /// had failed. `needsSpace` says whether a full disk would stop that call.
  public static func reach(
    _ label: @autoclosure () -> String, needsSpace: Bool = false
  ) throws(FileError) {
    #if DEBUG
      guard let plan = FaultPlan.effective else { return }
      let label = label()
      if case .fail(let code) = plan.reach(label, needsSpace: needsSpace, isSync: false) {
        throw FileError(call: "failpoint", path: label, errno: code)
      }
    #endif
  }
}
