#if DEBUG
  import Foundation
  import Testing

  /// Every operation, broken at every durable step, in every way that a step can break.
  ///
  /// A case is named in each message as "operation, fault at step N: label". To run that one alone:
  /// `MODELCTL_CRASH_CASE='operation:N' swift test --filter CrashTests`; without `:N` all steps of the operation.
  @Suite(.crashMatrix) struct CrashMatrixTests {}

  /// Names cases, and picks one of them when the environment says so.
  enum Replay {
    private static let wanted = ProcessInfo.processInfo.environment["MODELCTL_CRASH_CASE"]

    static func includes(_ operation: CrashOperation, _ step: Int) -> Bool {
      wanted.map { $0 == "\(operation)" || $0 == "\(operation):\(step)" } ?? true
    }

    static func name(_ operation: CrashOperation, _ fault: String, _ step: Int, _ steps: [String]) -> String {
      let label = step <= steps.count ? steps[step - 1] : "after it was acknowledged"
      return "\(operation), \(fault) at step \(step): \(label)"
    }
  }
#endif
